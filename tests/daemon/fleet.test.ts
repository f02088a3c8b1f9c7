import { expect, test, vi } from 'vitest'
import type { Executor } from '../../src/core/executor.ts'
import type { AppendOutcome } from '../../src/core/rows.ts'
import { openFleet } from '../../src/daemon/fleet.ts'
import {
  answeringWay,
  askingCollector,
  configOf,
  fails,
  fakeStore,
  fakeWay,
  heldCollector,
  pass,
  portsOf,
  STORED,
  steppedClock,
  turns,
} from './fleet-story.ts'

steppedClock()

test('a source that still runs is not started again; its turns are dropped and counted', async () => {
  const { store, appended } = fakeStore()
  const { collector, waiting } = heldCollector('slow')
  const config = configOf(['atlas'])
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  await pass(0)
  expect(waiting).toHaveLength(1)
  await pass(30_000)
  expect(waiting).toHaveLength(1)
  expect(fleet.stats()).toMatchObject({ ticksMissed: 3, inFlight: 1 })
  waiting[0]?.end()
  await turns()
  expect(appended).toHaveLength(1)
  await pass(10_000)
  expect(waiting).toHaveLength(2)
  await fleet.stop()
})

test('on an unknown machine, who follows the probe begins when the rows of the probe are committed', async () => {
  const { store, state } = fakeStore()
  const [probe, follows, other] = [heldCollector('probe'), heldCollector('beads'), heldCollector('claude')]
  const stored = Promise.withResolvers<AppendOutcome>()
  state.outcome = (run) => (run.collector === 'probe' ? stored.promise : Promise.resolve(STORED))
  const config = configOf(['atlas'])
  const all = [{ ...follows.collector, afterProbe: true }, other.collector, probe.collector]
  const fleet = openFleet(config, config.machines, all, portsOf(store))
  fleet.start()
  await pass(0)
  expect([probe, other, follows].map(({ waiting }) => waiting.length)).toEqual([1, 1, 0])
  for (const { waiting } of [probe, other]) waiting[0]?.end()
  await turns()
  expect(follows.waiting).toHaveLength(0)
  stored.resolve(STORED)
  await turns()
  expect(follows.waiting).toHaveLength(1)
  follows.waiting[0]?.end()
  await turns()
  await fleet.stop()
})

test.each([
  ['nothing there ends in time: who follows the probe is not asked', false],
  ['the probe alone ran out of time: who follows it is asked', true],
])('%s', async (_what, otherAnswers) => {
  const { store, appended } = fakeStore()
  const [probe, follows, other] = [heldCollector('probe'), heldCollector('beads'), heldCollector('claude')]
  const config = configOf(['atlas'])
  const all = [{ ...follows.collector, afterProbe: true }, other.collector, probe.collector]
  const fleet = openFleet(config, config.machines, all, portsOf(store))
  fleet.start()
  await pass(0)
  other.waiting[0]?.end(otherAnswers ? { batches: [] } : { batches: [], fault: 'timeout', detail: 'too late' })
  await turns()
  probe.waiting[0]?.end({ batches: [], fault: 'timeout', detail: 'too late' })
  await turns()
  expect(follows.waiting).toHaveLength(otherAnswers ? 1 : 0)
  const told = appended.filter((run) => run.collector === 'beads').map(({ fault, detail }) => [fault, detail])
  expect(told).toEqual(otherAnswers ? [] : [['timeout', expect.stringMatching(/^not asked: /)]])
  for (const run of follows.waiting) run.end()
  await turns()
  await fleet.stop()
})

test('a source that hangs keeps no other of its machine from its next turn, and no machine from its place', async () => {
  const { store, appended } = fakeStore()
  const [hung, quick, silent] = [heldCollector('git'), askingCollector('claude'), heldCollector('beads')]
  const few = '[polling]\nmax_connects_in_flight = 1\nmax_machines_in_flight = 1\n'
  const config = configOf(['hangs', 'atlas'], few)
  const ports = portsOf(store, { openExecutor: async () => answeringWay() })
  const fleet = openFleet(config, config.machines, [hung.collector, quick, silent.collector], ports)
  fleet.start()
  for (let i = 0; i < 70; i++) {
    for (const run of hung.waiting.splice(0)) if (run.machine !== 'hangs') run.end()
    for (const run of silent.waiting.splice(0)) run.end()
    await pass(1_000)
  }
  const looks = (id: string, source: string): number =>
    appended.filter((run) => run.machineId === id && run.collector === source).length
  expect(looks('hangs', 'git')).toBe(0)
  // One that asks nothing learns from the others that its machine is there.
  for (const id of ['hangs', 'atlas'])
    for (const source of ['claude', 'beads']) expect(looks(id, source)).toBeGreaterThanOrEqual(5)
  expect(fleet.lanes.get('hangs')).toMatchObject({ transportFailures: 0, retryAtMs: null })
  expect(fleet.lanes.get('hangs')?.isRunning('git')).toBe(true)
  // Its very first turns waited for the only place.
  expect(fleet.lanes.get('atlas')?.missed).toBeLessThanOrEqual(3)
  await fleet.stop()
})

test('a machine that hangs delays no other', async () => {
  const { store, appended } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const config = configOf(
    ['hangs', 'atlas', 'borg'],
    '[polling]\nmax_connects_in_flight = 2\nmax_machines_in_flight = 2\n',
  )
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  for (let i = 0; i < 12; i++) {
    for (const run of waiting.splice(0)) if (run.machine !== 'hangs') run.end()
    await pass(5_000)
  }
  const looks = (id: string): number => appended.filter((run) => run.machineId === id && run.up).length
  expect(looks('hangs')).toBe(0)
  expect(looks('atlas')).toBeGreaterThanOrEqual(5)
  expect(looks('borg')).toBeGreaterThanOrEqual(5)
  await fleet.stop()
})

test('a machine without tools is asked about in the store once, not at every look', async () => {
  const { store, appended } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const questions = vi.spyOn(store.db, 'rows')
  const config = configOf(['atlas'])
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  for (let look = 0; look < 4; look++) {
    await pass(10_000)
    for (const run of waiting.splice(0)) run.end()
    await turns()
  }
  expect(appended.length).toBeGreaterThanOrEqual(4)
  const aboutTools = questions.mock.calls.filter(([sql]) => sql.includes('machine_tool_capabilities'))
  expect(aboutTools).toHaveLength(1)
  await fleet.stop()
})

test('after the clock was set back machines are looked at as before, those that wait for a retry too', async () => {
  const { store, appended } = fakeStore()
  const openExecutor = async ({ id }: { id: string }): Promise<Executor> => {
    if (id === 'dead') throw new Error('no way there')
    return fakeWay(async () => fails('refused'))
  }
  const probe = { ...askingCollector('probe', 30), collect: async () => ({ batches: [] }) }
  const config = configOf(['atlas', 'dead'])
  const fleet = openFleet(config, config.machines, [probe], portsOf(store, { openExecutor }))
  fleet.start()
  for (let i = 0; i < 60; i++) await pass(1_000)
  vi.setSystemTime(Date.now() - 40 * 86_400_000)
  const from = Date.now()
  appended.length = 0
  for (let i = 0; i < 420; i++) await pass(1_000)
  await fleet.stop()
  const looks = (machine: string) => appended.filter((run) => run.machineId === machine)
  expect(looks('atlas').length).toBeGreaterThanOrEqual(13)
  expect(looks('dead').length).toBeGreaterThanOrEqual(1)
  expect(looks('dead').length).toBeLessThan(12)
  expect(appended.every((run) => run.startedAt.getTime() >= from)).toBe(true)
})

test('rows that cannot be stored make only that source wait for its next turn, and are said', async () => {
  const { store, appended, state } = fakeStore()
  const [good, bad] = [heldCollector('good'), heldCollector('bad')]
  const outcomes: [string, boolean][] = []
  state.outcome = async (run) =>
    run.collector === 'bad' ? { ok: false, fault: 'persist_failed', detail: 'refused' } : STORED
  const config = configOf(['atlas'])
  const fleet = openFleet(config, config.machines, [good.collector, bad.collector], {
    ...portsOf(store),
    onRun: (run, outcome) => void outcomes.push([run.collector, outcome.ok]),
  })
  const once = async (): Promise<void> => {
    const looking = fleet.collectNow({})
    await turns()
    for (const { waiting } of [good, bad])
      waiting.splice(0)[0]?.end({ batches: [], cursors: [{ key: 'at', value: 7 }] })
    await looking
  }
  await once()
  expect(outcomes).toEqual([
    ['good', true],
    ['bad', false],
  ])
  const looking = fleet.collectNow({})
  await turns()
  // Only what was committed is remembered.
  expect(good.waiting[0]?.cursors.get('at')).toBe(7)
  expect(bad.waiting[0]?.cursors.has('at')).toBe(false)
  for (const { waiting } of [good, bad]) waiting[0]?.end()
  await looking
  expect(appended).toHaveLength(4)
  await fleet.stop()
})

test('a source is busy until its rows are committed', async () => {
  const { store, state } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const commit = Promise.withResolvers<AppendOutcome>()
  state.outcome = () => commit.promise
  const config = configOf(['atlas'])
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  await pass(0)
  waiting[0]?.end()
  await pass(25_000)
  expect(waiting).toHaveLength(1)
  commit.resolve(STORED)
  await turns()
  await pass(10_000)
  expect(waiting).toHaveLength(2)
  await fleet.stop()
})

test('a stop ends what hangs as cancelled, keeps its rows, and nothing writes afterwards', async () => {
  const { store, appended, late } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const config = configOf(['atlas', 'borg'])
  const fleet = openFleet(config, config.machines, [collector], portsOf(store))
  fleet.start()
  await pass(10_000)
  expect(waiting).toHaveLength(2)
  await fleet.stop()
  await store.close()
  expect(appended.map((run) => run.fault)).toEqual(['cancelled', 'cancelled'])
  for (const run of waiting) run.end()
  await pass(60_000)
  expect(late).toEqual([])
  expect(waiting).toHaveLength(2)
})

test('a question to a machine nobody looks at is refused by name', async () => {
  const config = configOf(['atlas'])
  const fleet = openFleet(config, config.machines, [], portsOf(fakeStore().store))
  await expect(fleet.askMachine('borg', async () => 1)).rejects.toMatchObject({ code: 'unknown_machine' })
  await expect(fleet.askMachine('atlas', async () => 1)).resolves.toBe(1)
  await fleet.stop()
})
