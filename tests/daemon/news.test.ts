import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { openNews } from '../../src/daemon/news.ts'
import { runOf } from '../store/support.ts'

const says = (word: string, asOf: number): Row => ({
  subject: 'pid:7:70',
  sighting_source: 'claude.live',
  says: word,
  as_of: new Date(asOf),
})
const look = (rows: readonly Row[], more: { collector?: string; up?: boolean; machineId?: string } = {}) =>
  runOf([{ table: 'agent_sightings', rows }], { collector: 'live', ...more })

test('news are that an agent says something else than at the look before', () => {
  const news = openNews()
  const story = [
    ['the first look of all', look([says('idle', 1)]), false],
    ['the same later', look([says('idle', 2)]), false],
    ['another word', look([says('working', 3)]), true],
    ['a look that failed', look([], { up: false }), false],
    ['the same as before it', look([says('working', 4)]), false],
    ['another machine', look([says('idle', 5)], { machineId: 'fuji' }), false],
    ['an agent that is gone', look([]), true],
    ['another source', look([says('idle', 6)], { collector: 'tmux' }), false],
  ] as const
  expect(story.map(([what, run]) => [what, news.isIn(run)])).toEqual(story.map(([what, , isNew]) => [what, isNew]))
})
