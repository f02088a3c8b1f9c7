import { expect, test } from 'vitest'
import { probe } from '../../src/collectors/probe/index.ts'
import type { Row } from '../../src/core/rows.ts'
import type { Turn } from '../../src/daemon/lane.ts'
import { openLeisure } from '../../src/daemon/leisure.ts'
import { at, runOf, sys } from '../store/support.ts'

const turns = (intervalS: number): readonly Turn[] => [{ collector: probe, intervalS, timeoutMs: 1000, options: {} }]
const look = (agents: readonly Row[] | null, more: { up?: boolean; machineId?: string } = {}) =>
  runOf(
    [
      { table: 'sys_samples', rows: [sys(1)] },
      ...(agents === null ? [] : [{ table: 'agent_processes' as const, rows: agents }]),
    ],
    { startedAt: at(1), ...more },
  )

test('numbers of a machine may wait for those of others, and nothing that tells of an agent', () => {
  const leisure = openLeisure()
  const agent = { pid: 7 }
  const story = [
    ['the first look', look(null), 0],
    ['the next', look(null), 3000],
    ['one that saw that there are no agents', look([]), 3000],
    ['an agent that is new', look([agent]), 0],
    ['the same agent', look([agent]), 0],
    ['an agent that is gone', look([]), 0],
    ['none any more', look([]), 3000],
    ['a look that failed', look(null, { up: false }), 0],
    ['an answer after it', look(null), 0],
    ['another machine', look(null, { machineId: 'fuji' }), 0],
  ] as const
  expect(story.map(([what, run]) => [what, leisure.msOf(run, turns(9))])).toEqual(
    story.map(([what, , waitMs]) => [what, waitMs]),
  )
})

test('it waits for five seconds at most, and not at all where somebody does', () => {
  const leisure = openLeisure()
  leisure.msOf(look(null), turns(60))
  expect(leisure.msOf(look(null), turns(60))).toBe(5000)
  expect(leisure.msOf(look(null), [])).toBe(0)
})
