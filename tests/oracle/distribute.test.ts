import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ROLE_NAMES, TASK_PRIORITIES, TASK_TYPES } from '../../src/core/agent-role.ts'
import { type Candidate, distribute, type TaskWish } from '../../src/oracle/distribute.ts'

const TASK: TaskWish = { type: 'review', priority: 'normal', role: null, machineId: null, cwd: null }
const agent = (agentId: string, over: Partial<Candidate> = {}): Candidate => ({
  agentId,
  machineId: 'atlas',
  role: 'reviewer',
  tier: 'sonnet',
  cwd: '/srv/app',
  state: 'idle',
  alive: true,
  paused: false,
  busyWith: 0,
  completed: 0,
  failed: 0,
  contextUsedPct: null,
  ...over,
})
const best = (task: Partial<TaskWish>, agents: readonly Candidate[]): string | undefined =>
  distribute({ ...TASK, ...task }, agents).find((one) => one.excluded === null)?.agentId

describe('who takes a task', () => {
  test('the one made for it, before the generalist, before the one made for something else', () => {
    const all = [agent('a', { role: 'coder' }), agent('b', { role: 'generalist' }), agent('c')]
    expect(distribute(TASK, all).map((one) => one.agentId)).toEqual(['c', 'b', 'a'])
  })

  test('of two alike the free one, the one with the better record, the one in that folder', () => {
    expect(best({}, [agent('a', { state: 'working' }), agent('b')])).toBe('b')
    expect(best({}, [agent('a', { busyWith: 1 }), agent('b')])).toBe('b')
    expect(best({}, [agent('a', { failed: 6 }), agent('b', { completed: 6 })])).toBe('b')
    expect(best({ cwd: '/srv/web' }, [agent('a'), agent('b', { cwd: '/srv/web' })])).toBe('b')
  })

  test('a strong model is kept for what needs it', () => {
    expect(best({}, [agent('a', { tier: 'opus' }), agent('b')])).toBe('b')
    expect(best({ priority: 'critical' }, [agent('a', { tier: 'opus' }), agent('b')])).toBe('a')
  })

  test.each([
    ['its process is gone', { alive: false }],
    ['a person paused it', { paused: true }],
    ['it waits for an approval', { state: 'needs_approval' }],
    ['it is at a limit', { state: 'rate_limited' }],
    ['it runs elsewhere', { machineId: 'borg' }],
    ['it has another role', { role: 'coder' }],
  ] as const)('nobody is chosen of whom %s; the reason stands beside', (_, over) => {
    const [only] = distribute({ ...TASK, machineId: 'atlas', role: 'reviewer' }, [
      agent('a', over as Partial<Candidate>),
    ])
    expect(only?.excluded).toBeTruthy()
  })

  test('the score is the sum of what is shown, and the order never depends on the reader', () => {
    const anybody = fc.record({
      agentId: fc.uuid(),
      role: fc.constantFrom(...ROLE_NAMES),
      tier: fc.constantFrom('opus', 'sonnet', 'haiku') as fc.Arbitrary<Candidate['tier']>,
      state: fc.constantFrom('idle', 'working', 'unknown', 'failed'),
      busyWith: fc.nat(3),
      completed: fc.nat(9),
      failed: fc.nat(9),
    })
    const tasks = fc.record({ type: fc.constantFrom(...TASK_TYPES), priority: fc.constantFrom(...TASK_PRIORITIES) })
    fc.assert(
      fc.property(fc.uniqueArray(anybody, { selector: (one) => one.agentId }), tasks, (some, task) => {
        const all = some.map((one) => agent(one.agentId, one))
        const ranked = distribute({ ...TASK, ...task }, all)
        expect(ranked).toEqual(distribute({ ...TASK, ...task }, all.toReversed()))
        for (const one of ranked) expect(one.score).toBe(one.parts.reduce((sum, part) => sum + part.points, 0))
      }),
    )
  })
})
