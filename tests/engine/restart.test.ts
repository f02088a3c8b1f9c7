import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backOffMs, type EndedAgent, judgeRestart, type RestartPace } from '../../src/engine/restart.ts'

const NOW = new Date('2026-11-21T06:00:00Z')
const ago = (s: number): Date => new Date(NOW.getTime() - s * 1000)
const PACE: RestartPace = { delayMs: 2_000, maxDelayMs: 300_000, maxCrashes: 5, windowMs: 600_000, graceMs: 300_000 }
const agent = (over: Partial<EndedAgent> = {}): EndedAgent => ({
  policy: 'on_failure',
  wanted: 'run',
  startedAt: ago(20),
  endedAt: ago(10),
  exitCode: 1,
  crashes: [ago(10)],
  lastState: 'working',
  limitedUntil: null,
  ...over,
})
const judge = (over: Partial<EndedAgent> = {}) => judgeRestart(agent(over), PACE, NOW)

describe('whether an agent that ended is started again', () => {
  test('after its delay it is', () => {
    expect(judge().do).toBe('restart')
    expect(judge({ endedAt: ago(1), crashes: [ago(1)] })).toMatchObject({ do: 'wait', until: ago(-1) })
  })

  test('each further ending doubles the delay, up to the longest', () => {
    expect([1, 2, 3, 4].map((n) => backOffMs(n, PACE))).toEqual([2_000, 4_000, 8_000, 16_000])
    expect(backOffMs(60, PACE)).toBe(300_000)
  })

  test.each([
    ['its owner stopped it', { wanted: 'stop' }, 'leave'],
    ['its owner forgot it', { wanted: 'forgotten' }, 'leave'],
    ['its policy is never', { policy: 'never' }, 'leave'],
    ['it ended by itself and only failures count', { exitCode: 0 }, 'leave'],
    ['it ended by itself and its policy is always', { exitCode: 0, policy: 'always' }, 'restart'],
    ['its exit is not known', { exitCode: null }, 'restart'],
    ['a person paused it', { wanted: 'paused' }, 'hold'],
    ['a person paused it, whatever its policy', { wanted: 'paused', policy: 'never' }, 'hold'],
    ['a person paused it, however often it ended', { wanted: 'paused', crashes: Array(9).fill(ago(10)) }, 'hold'],
    ['it waited for an approval', { lastState: 'needs_approval' }, 'hold'],
    ['it had asked a question', { lastState: 'asked_question' }, 'hold'],
    ['it was at a limit whose end nobody knows', { lastState: 'rate_limited' }, 'hold'],
    ['it was at a limit that is over', { lastState: 'rate_limited', limitedUntil: ago(5) }, 'restart'],
  ] as const)('when %s', (_, over, verdict) => {
    expect(judge(over as Partial<EndedAgent>).do).toBe(verdict)
  })

  test('at a rate limit it waits for the end of the limit, not for its delay', () => {
    expect(judge({ lastState: 'rate_limited', limitedUntil: ago(-600) })).toMatchObject({
      do: 'wait',
      until: ago(-600),
    })
  })

  test('too many endings in the window are given up; old ones and those after a long life do not count', () => {
    const five = [50, 40, 30, 20, 10].map(ago)
    expect(judge({ crashes: five }).do).toBe('give_up')
    expect(judge({ crashes: [ago(4_000), ago(3_000), ago(2_000), ago(1_000), ago(10)] }).do).toBe('restart')
    expect(judge({ crashes: five, startedAt: ago(400) }).do).toBe('restart')
  })

  test('whatever the history, nothing is restarted while a person or a limit stands in the way', () => {
    const states = fc.constantFrom('needs_approval', 'asked_question', 'rate_limited') as fc.Arbitrary<
      NonNullable<EndedAgent['lastState']>
    >
    const anything = fc.record({
      lastState: states,
      exitCode: fc.option(fc.integer({ min: 0, max: 255 })),
      policy: fc.constantFrom('never', 'on_failure', 'always') as fc.Arbitrary<EndedAgent['policy']>,
      crashes: fc.array(fc.integer({ min: 0, max: 5_000 }).map(ago), { maxLength: 20 }),
      limitedUntil: fc.option(fc.integer({ min: 1, max: 5_000 }).map((s) => ago(-s))),
    })
    fc.assert(fc.property(anything, (over) => judge(over).do !== 'restart'))
  })
})
