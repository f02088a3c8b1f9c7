import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openWake } from '../../src/daemon/wake.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const open = (took: () => Promise<unknown> = async () => undefined) => {
  const seen = { looks: 0, judged: 0 }
  const wake = openWake({
    now: Date.now,
    look: () => {
      seen.looks++
      return took()
    },
    judge: async () => {
      seen.judged++
    },
  })
  return { wake, seen }
}

/** What waited, as soon as it is over. */
const over = (waited: Promise<void>) => {
  const state = { over: false }
  void waited.then(() => {
    state.over = true
  })
  return state
}

/** Stopped by a signal or asleep: the clock went on, no timer fired. */
const sleep = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms)
}

test('while vc is awake nobody waits and nothing is looked at out of turn', async () => {
  const { wake, seen } = open()
  await vi.advanceTimersByTimeAsync(60_000)
  await wake.looked()
  await wake.soon()
  sleep(5_000)
  await wake.looked()
  expect(seen.looks).toBe(0)
})

test('after a sleep it is looked first, once, whoever notices it', async () => {
  const look = Promise.withResolvers<void>()
  const { wake, seen } = open(() => look.promise)
  sleep(180_000)
  const [judging, asking] = [over(wake.looked()), over(wake.soon())]
  await vi.advanceTimersByTimeAsync(2_000)
  expect([seen.looks, judging.over, asking.over]).toEqual([1, false, false])
  look.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect([judging.over, asking.over, seen.judged]).toEqual([true, true, 1])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(seen.looks).toBe(1)
})

test('nobody has to come: the beat notices it, and a look that fails or hangs ends the waiting all the same', async () => {
  const { wake, seen } = open(() => new Promise(() => undefined))
  sleep(20_000)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(seen.looks).toBe(1)
  const [judging, asking] = [over(wake.looked()), over(wake.soon())]
  await vi.advanceTimersByTimeAsync(3_000)
  expect([judging.over, asking.over]).toEqual([false, true])
  await vi.advanceTimersByTimeAsync(12_000)
  expect(judging.over).toBe(true)
  const failing = open(() => Promise.reject(new Error('no way')))
  sleep(20_000)
  await failing.wake.looked()
  expect(failing.seen.looks).toBe(1)
})

test('a second sleep is looked after anew, and what set the clock back is none', async () => {
  const first = Promise.withResolvers<void>()
  const { wake, seen } = open(() => (seen.looks === 1 ? first.promise : Promise.resolve()))
  sleep(20_000)
  const judging = over(wake.looked())
  sleep(20_000)
  await wake.looked()
  await vi.advanceTimersByTimeAsync(0)
  expect([seen.looks, judging.over]).toEqual([2, false])
  first.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect(judging.over).toBe(true)
  sleep(-3_600_000)
  await wake.looked()
  wake.stop()
  expect(seen.looks).toBe(2)
})
