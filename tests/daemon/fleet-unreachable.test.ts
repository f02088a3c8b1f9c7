import { expect, test } from 'vitest'
import { VcError } from '../../src/core/errors.ts'
import type { Executor } from '../../src/core/executor.ts'
import { openFleet } from '../../src/daemon/fleet.ts'
import { keptLog } from '../kept-log.ts'
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
  steppedClock,
  turns,
} from './fleet-story.ts'

steppedClock()

test('machines that cannot be reached wait in the connect lane and leave the poll lane free', async () => {
  const { store, appended } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const config = configOf(
    ['atlas', 'dead1', 'dead2'],
    '[polling]\nmax_connects_in_flight = 1\nmax_machines_in_flight = 1\n',
  )
  const never = new Promise<Executor>(() => undefined)
  const opened: string[] = []
  const openExecutor = async ({ id }: { id: string }): Promise<Executor> => {
    opened.push(id)
    return id === 'atlas' ? fakeWay(async () => fails('transport')) : never
  }
  const fleet = openFleet(config, config.machines, [collector], portsOf(store, { openExecutor }))
  const first = fleet.collectNow({ machines: new Set(['atlas']) })
  await turns()
  waiting.splice(0)[0]?.end()
  await first
  // From here on both dead machines hold or wait for the only place among connects, for ever.
  void fleet.collectNow({ machines: new Set(['dead1', 'dead2']) })
  await turns()
  expect(opened).toEqual(['atlas', 'dead1'])
  const second = fleet.collectNow({ machines: new Set(['atlas']) })
  await turns()
  waiting.splice(0)[0]?.end()
  await second
  expect(appended.map((run) => [run.machineId, run.up])).toEqual([
    ['atlas', true],
    ['atlas', true],
  ])
})

test('an unreachable machine is left alone for a while that doubles, then all its sources are due at once', async () => {
  const { store, appended } = fakeStore()
  const asked: number[] = []
  const openExecutor = async () =>
    fakeWay(async () => {
      asked.push(Date.now())
      return fails('refused')
    })
  const config = configOf(['dead'], '[polling]\nretry_min_seconds = 40\nretry_max_seconds = 100\n')
  const collectors = [askingCollector('probe', 10), askingCollector('git', 3_600)]
  const fleet = openFleet(config, config.machines, collectors, portsOf(store, { openExecutor }))
  fleet.start()
  for (let i = 0; i < 300; i++) await pass(1_000)
  await fleet.stop()
  const looks = [...new Set(appended.map((run) => run.startedAt.getTime()))]
  expect(appended.every((run) => run.fault === 'unreachable')).toBe(true)
  // A retry forces every source, however seldom its turn is.
  expect(appended.filter((run) => run.collector === 'git')).toHaveLength(looks.length)
  const pauses = looks.slice(1).map((at, i) => Math.round((at - (looks[i] ?? 0)) / 1000))
  expect(pauses[0]).toBeGreaterThanOrEqual(40)
  expect(pauses[1]).toBeGreaterThanOrEqual(80)
  expect(pauses.slice(2).every((s) => s >= 100 && s <= 115)).toBe(true)
  expect(asked.length).toBeGreaterThan(2)
})

test('however the dice fall, an unreachable machine is never asked again at once, and is offline with the second try', async () => {
  const { store, appended } = fakeStore()
  const openExecutor = async () => fakeWay(async () => fails('refused'))
  const config = configOf(['dead'], '[polling]\nretry_min_seconds = 40\nretry_max_seconds = 3600\n')
  const ports = portsOf(store, { openExecutor, random: () => 0 })
  const fleet = openFleet(config, config.machines, [askingCollector('probe', 10)], ports)
  fleet.start()
  for (let i = 0; i < 60; i++) await pass(1_000)
  expect(fleet.lanes.get('dead')?.transportFailures).toBe(2)
  for (let i = 0; i < 540; i++) await pass(1_000)
  await fleet.stop()
  const looks = appended.map((run) => run.startedAt.getTime())
  const pauses = looks.slice(1).map((at, i) => (at - (looks[i] ?? 0)) / 1000)
  expect(pauses.length).toBeGreaterThan(10)
  expect(pauses.every((s) => s >= 40 && s <= 51)).toBe(true)
})

test('a machine that is away for a while is a handful of lines in the log, not one per source and try', async () => {
  const { store, appended } = fakeStore()
  const { log, above } = keptLog()
  const state = { answers: false }
  const sources = Array.from({ length: 29 }, (_, i) => askingCollector(`source${i}`, 10))
  const openExecutor = async () => {
    const [answering, dead] = [answeringWay(), fakeWay(async () => fails('refused'))]
    return fakeWay((request) => (state.answers ? answering : dead).run(request))
  }
  const config = configOf(['dead'], '[polling]\nretry_max_seconds = 60\n')
  const fleet = openFleet(config, config.machines, sources, portsOf(store, { openExecutor, log }))
  fleet.start()
  for (let i = 0; i < 600; i++) await pass(1_000)
  const tries = appended.length / 29
  state.answers = true
  for (let i = 0; i < 120; i++) await pass(1_000)
  const lines = above('debug')
  await fleet.stop()
  expect(tries).toBeGreaterThan(10)
  expect(lines.map(({ msg, failures }) => [msg, failures])).toEqual([
    ...[1, 2, 4, 8].map((failures) => ['a machine was not reached', failures]),
    ['a machine is reached again', tries],
  ])
  expect(lines[0]).toMatchObject({ machine: 'dead', fault: 'unreachable', sources: 29, retry_s: 5 })
  expect(lines.at(-1)).toMatchObject({ away_s: expect.closeTo(630, -2) })
})

test('a machine to which no way can be prepared is told in one line', async () => {
  const { store } = fakeStore()
  const { log, lines } = keptLog()
  const openExecutor = async (): Promise<Executor> => {
    throw new VcError('bad_target', 'ssh knows no such host', 'name another')
  }
  const config = configOf(['lost'])
  const sources = ['probe', 'git'].map((name) => askingCollector(name, 10))
  const fleet = openFleet(config, config.machines, sources, portsOf(store, { openExecutor, log }))
  await fleet.collectNow({})
  await fleet.stop()
  expect(lines).toEqual([
    expect.objectContaining({ level: 'warn', fault: 'not_configured', detail: 'ssh knows no such host', sources: 2 }),
  ])
})
