import { expect, test } from 'vitest'
import { openFleet } from '../../src/daemon/fleet.ts'
import { keptLog } from '../kept-log.ts'
import {
  answeringWay,
  askingCollector,
  configOf,
  fakeStore,
  heldCollector,
  pass,
  portsOf,
  steppedClock,
} from './fleet-story.ts'

steppedClock()

test('what fails is said while a neighbour is still being read, once, and what fails later when it does', async () => {
  const { log, above } = keptLog()
  const [bad, slow] = [heldCollector('bad', 3_600), heldCollector('slow', 3_600)]
  const config = configOf(['atlas'])
  const collectors = [askingCollector('good', 3_600), bad.collector, slow.collector]
  const ports = portsOf(fakeStore().store, { log, openExecutor: async () => answeringWay() })
  const fleet = openFleet(config, config.machines, collectors, ports)
  fleet.start()
  await pass(0)
  const broken = { batches: [], fault: 'bad_output', detail: 'not JSON' } as const
  bad.waiting[0]?.end(broken)
  await pass(6_000)
  const said = () => above('debug').map(({ msg, collector }) => [msg, collector])
  expect(said()).toEqual([['scrape failed', 'bad']])
  slow.waiting[0]?.end(broken)
  await pass(6_000)
  expect(said()).toEqual([
    ['scrape failed', 'bad'],
    ['scrape failed', 'slow'],
  ])
  await fleet.stop()
})
