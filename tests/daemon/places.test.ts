import { expect, test } from 'vitest'
import type { AppendOutcome } from '../../src/core/rows.ts'
import { openFleet } from '../../src/daemon/fleet.ts'
import { configOf, fakeStore, heldCollector, pass, portsOf, STORED, steppedClock, turns } from './fleet-story.ts'

steppedClock()

const rows = (count: number) => ({
  batches: [{ table: 'sys_samples', rows: Array.from({ length: count }, (_, uptime_s) => ({ uptime_s })) }],
})

test.each([
  ['what one look brings waits for the store: the next machine does not', 10, 1],
  ['a look that brings very many rows keeps its place until they are stored: memory has an end', 5_000, 0],
])('%s', async (_what, count, lookedAtMeanwhile) => {
  const { store, state } = fakeStore()
  const stored = Promise.withResolvers<AppendOutcome>()
  state.outcome = () => stored.promise
  const { collector, waiting } = heldCollector('probe')
  const config = configOf(['atlas', 'boreas'], '[polling]\nmax_connects_in_flight = 1\nmax_machines_in_flight = 1\n')
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  await pass(9_900)
  expect(waiting).toHaveLength(1)
  waiting[0]?.end(rows(count))
  await turns()
  expect(waiting).toHaveLength(1 + lookedAtMeanwhile)
  // Its source has its next turn only once its rows are stored.
  const first = waiting[0]?.machine ?? ''
  expect(fleet.lanes.get(first)?.isRunning('probe')).toBe(true)
  stored.resolve(STORED)
  await turns()
  expect(fleet.lanes.get(first)?.isRunning('probe')).toBe(false)
  expect(waiting).toHaveLength(2)
  waiting[1]?.end()
  await turns()
  await fleet.stop()
})
