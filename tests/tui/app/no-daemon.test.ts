import { expect, test } from 'vitest'
import { openAnswers } from '../../../src/tui/app/answers.ts'
import { fakePorts } from '../fake-ports.ts'

const ASK = { topic: 'fruit', as: 'fruit' } as const
const soon = (): Promise<void> => new Promise((done) => setTimeout(done, 5))

test('opened before any daemon the way to start one stands in every panel, and nothing is said to grow old', async () => {
  const world = fakePorts({ fruit: { names: ['apple'] } })
  const lost: boolean[] = []
  const answers = openAnswers(world.ports, { changed() {}, lost: (seen) => void lost.push(seen), found() {} })
  world.lose(true)
  answers.want([ASK], null, 0)
  await soon()
  expect(lost).toEqual([false])
  const { error } = answers.now(ASK, null)
  expect(error?.line).toMatch(/^no daemon answers, start one: vc daemon/)
  expect(error?.detail).toContain('daemon_lost: no daemon answers (absent)')

  world.lose(false)
  answers.refresh()
  answers.want([ASK], null, 0)
  await soon()
  world.lose(true)
  answers.refresh()
  answers.want([ASK], null, 0)
  await soon()
  expect(lost).toEqual([false, true])
})
