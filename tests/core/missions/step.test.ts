import { expect, test } from 'vitest'
import type { Mission } from '../../../src/core/missions/mission.ts'
import {
  cancelled,
  claimed,
  completed,
  failed,
  handedOver,
  hasLapsed,
  heartbeat,
  isRefused,
  lapsed,
  retried,
  retryPauseMs,
  type Step,
} from '../../../src/core/missions/step.ts'
import { mission, T0 } from './missions.ts'

const ME = { by: 'ada', claimId: 'c1' }
const NONE = { inputTokens: null, outputTokens: null, costMicrousd: null }
const held = (more: Partial<Mission> = {}): Mission => claimed(mission(1, more), 'c1', 'ada', T0)
const taken = (step: Step): Mission => {
  if (isRefused(step)) throw new Error(step.message)
  return step
}
const failing = { ...ME, usage: NONE, failure: { code: 'red', message: null }, recoverable: true }

test('a claim holds until its lease ends, and a heartbeat begins it anew', () => {
  expect(hasLapsed(held(), T0 + 59_999)).toBe(false)
  expect(hasLapsed(held(), T0 + 60_000)).toBe(true)
  const later = taken(heartbeat(held(), ME, T0 + 30_000))
  expect(hasLapsed(later, T0 + 89_999)).toBe(false)
  expect(heartbeat(held(), ME, T0 + 60_000)).toMatchObject({ code: 'lease_lapsed' })
})

test('no heartbeat carries an attempt beyond its time', () => {
  const later = taken(heartbeat(held({ timeoutMs: 70_000 }), ME, T0 + 50_000))
  expect(hasLapsed(later, T0 + 69_999)).toBe(false)
  expect(hasLapsed(later, T0 + 70_000)).toBe(true)
  expect(lapsed(later)).toMatchObject({ status: 'pending', failure: { code: 'timeout' }, workMs: 70_000 })
})

test('whoever lost the claim reports to nobody', () => {
  const other = claimed(held(), 'c2', 'bob', T0 + 100_000)
  for (const step of [completed, heartbeat] as const)
    expect(step(other, { ...ME, usage: NONE }, T0 + 100_001)).toMatchObject({ code: 'not_yours' })
  expect(completed(other, { by: null, claimId: null, usage: NONE }, T0 + 100_001)).toMatchObject({ code: 'not_yours' })
  expect(completed(mission(1), { ...ME, usage: NONE }, T0)).toMatchObject({ code: 'not_claimed' })
})

test('a name or the claim is enough, both must be right', () => {
  for (const who of [{ by: 'ada', claimId: null }, { by: null, claimId: 'c1' }, ME])
    expect(completed(held(), { ...who, usage: NONE }, T0 + 1)).toMatchObject({ status: 'done', finishedBy: 'ada' })
  expect(completed(held(), { by: 'ada', claimId: 'c9', usage: NONE }, T0)).toMatchObject({ code: 'not_yours' })
})

test('a failure goes back to the queue after a growing pause, until the budget is spent', () => {
  let one = mission(1)
  for (const attempt of [1, 2]) {
    one = taken(failed(claimed(one, 'c1', 'ada', T0), failing, T0 + 10))
    expect(one).toMatchObject({ status: 'pending', attempts: attempt, notBeforeMs: T0 + 10 + 5_000 * attempt })
  }
  one = taken(failed(claimed(one, 'c1', 'ada', T0), failing, T0 + 10))
  expect(one).toMatchObject({ status: 'failed', attempts: 3, failure: { code: 'red' }, finishedBy: 'ada' })
  expect(retried(one)).toMatchObject({ status: 'pending', attemptsAllowed: 6, notBeforeMs: null })
})

test('what trying again cannot mend fails at once', () => {
  expect(failed(held(), { ...failing, recoverable: false }, T0)).toMatchObject({ status: 'failed', attempts: 1 })
})

test('the pause is never longer than five minutes', () => {
  expect([1, 2, 3, 10, 1_000].map(retryPauseMs)).toEqual([5_000, 10_000, 20_000, 300_000, 300_000])
})

test('a silent claimant costs an attempt, counted from when the lease ended', () => {
  expect(lapsed(held())).toMatchObject({
    ...{ status: 'pending', attempts: 1, notBeforeMs: T0 + 65_000, workMs: 60_000 },
    failure: { code: 'lease_lapsed' },
  })
  expect(lapsed(held({ attemptsAllowed: 1 }))).toMatchObject({ status: 'failed', finishedBy: 'vc' })
})

test('what attempts cost adds up; what was never told stays unknown', () => {
  const first = taken(failed(held(), { ...failing, usage: { ...NONE, inputTokens: 5 } }, T0 + 100))
  const done = completed(claimed(first, 'c1', 'ada', T0), { ...ME, usage: { ...NONE, inputTokens: 7 } }, T0 + 200)
  expect(done).toMatchObject({ usage: { inputTokens: 12, outputTokens: null, costMicrousd: null }, workMs: 300 })
})

test('cancelling ends it for whoever works on it', () => {
  const over = taken(cancelled(held(), 'eve', 'not needed', T0))
  expect(over).toMatchObject({ status: 'cancelled', failure: { code: 'cancelled', message: 'not needed' } })
  expect(heartbeat(over, ME, T0 + 1)).toMatchObject({ code: 'not_claimed' })
  expect(cancelled(over, 'eve', null, T0)).toMatchObject({ code: 'already_ended' })
  expect(retried(held())).toMatchObject({ code: 'not_failed' })
})

test('handed over, the attempt goes on and the old claim is void', () => {
  const moved = handedOver(held({ toAgent: 'ada' }), 'c2', 'bob', T0 + 50_000)
  expect(moved).toMatchObject({ attempts: 1, toAgent: 'bob', claim: { by: 'bob', leaseUntilMs: T0 + 110_000 } })
  expect(completed(moved, { ...ME, usage: NONE }, T0 + 51_000)).toMatchObject({ code: 'not_yours' })
})
