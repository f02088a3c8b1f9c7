import { expect, test } from 'vitest'
import { openFleet } from '../../src/daemon/fleet.ts'
import { configOf, fakeStore, heldCollector, pass, portsOf, steppedClock, turns } from './fleet-story.ts'

steppedClock()

/** A clock whose millisecond turns between the first look at it and the second, at every other moment. */
const turningClock = (): (() => number) => {
  let seenAt = 0
  let isEarly = true
  return () => {
    const isFirst = seenAt !== Date.now()
    seenAt = Date.now()
    if (isFirst) isEarly = !isEarly
    return isFirst && isEarly ? seenAt - 1 : seenAt
  }
}

test('a timer that fires a millisecond before its tick drops no turn', async () => {
  const { store } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const config = configOf(['atlas'])
  const fleet = openFleet(config, config.machines, [collector], portsOf(store, { now: turningClock() }))
  fleet.start()
  for (const ms of [1, 10_000, 10_000, 10_000, 10_000, 10_000]) {
    await pass(ms)
    for (const one of waiting) one.end()
    await turns()
  }
  expect(waiting).toHaveLength(6)
  expect(fleet.stats().ticksMissed).toBe(0)
  await fleet.stop()
})
