// Looks that somebody asks for beside the beat: what is under way is waited for, and what does not answer is left alone.
import { expect, test, vi } from 'vitest'
import type { Collector } from '../../src/core/collector.ts'
import type { NotLooked } from '../../src/core/looked.ts'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { openFleet } from '../../src/daemon/fleet.ts'
import type { CollectNow } from '../../src/daemon/look-now.ts'
import {
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

const asking = (fleet: ReturnType<typeof openFleet>, wanted: Omit<CollectNow, 'onRun'> = {}) => {
  const told: [string, string, boolean, ScrapeRun['fault']][] = []
  const out = fleet.collectNow({
    ...wanted,
    onRun: (run, _outcome, wasRunning) => void told.push([run.machineId, run.collector, wasRunning, run.fault]),
  })
  return { told, out }
}

test('a source that is being looked at is waited for and not asked again; its neighbours are asked', async () => {
  const { store, appended } = fakeStore()
  const [slow, quick] = [heldCollector('claude', 3_600), heldCollector('probe', 3_600)]
  const config = configOf(['atlas'])
  const here = config.machines.map((one) => ({ ...one, ssh: 'local' }))
  const fleet = openFleet(config, here, [slow.collector, quick.collector], portsOf(store))
  fleet.start()
  await pass(0)
  quick.waiting.splice(0)[0]?.end()
  await turns()
  // Two ask at once, the second while the first waits: one look is all that happens.
  const [one, other] = [asking(fleet), asking(fleet, { collectors: new Set(['claude']) })]
  await turns()
  expect([slow.waiting.length, quick.waiting.length]).toEqual([1, 0])
  // This one ended before the wish: its run is the answer all the same, and said to be older.
  expect(one.told).toEqual([['atlas', 'probe', true, null]])
  // Who asks for that one alone does not wait for its neighbour.
  expect(await asking(fleet, { collectors: new Set(['probe']) }).out).toEqual([])
  slow.waiting.splice(0)[0]?.end()
  await Promise.all([one.out, other.out])
  expect([one.told.at(-1), ...other.told]).toEqual(Array(2).fill(['atlas', 'claude', true, null]))
  expect(appended).toHaveLength(2)
  const again = asking(fleet)
  await turns()
  for (const { waiting } of [slow, quick]) waiting.splice(0)[0]?.end()
  expect(await again.out).toEqual([])
  expect(again.told.map(([, , wasRunning]) => wasRunning)).toEqual([false, false])
  expect(fleet.stats().ticksMissed).toBe(0)
  await fleet.stop()
})

const dead = (more = '') => {
  const { store, appended } = fakeStore()
  const state = { answers: false, asked: 0 }
  const openExecutor = async () =>
    fakeWay(async () => {
      state.asked += 1
      return fails('refused')
    })
  const probe = askingCollector('probe', 10)
  const answering: Collector = {
    ...probe,
    collect: async (ctx) => (state.answers ? { batches: [] } : probe.collect(ctx)),
  }
  const config = configOf(['dead'], `[polling]\nretry_min_seconds = 40\nretry_max_seconds = 300\n${more}`)
  const fleet = openFleet(config, config.machines, [answering], portsOf(store, { openExecutor }))
  return { fleet, state, appended }
}

test('a machine that does not answer waits for its retry unless it is named, and then is not asked in a circle', async () => {
  const { fleet, state } = dead()
  fleet.start()
  await pass(0)
  await pass(41_000)
  await pass(10_000)
  const { asked } = state
  const all = asking(fleet)
  expect(await all.out).toEqual<NotLooked[]>([
    {
      machine: 'dead',
      collector: null,
      why: 'backing_off',
      detail: expect.stringMatching(/^it did not answer 2 times in a row; vc tries it again in \d+ s$/),
      fix: 'at once: vc collect -m dead; step by step: vc machines probe dead',
    },
  ])
  expect([all.told, state.asked]).toEqual([[], asked])
  const soon = asking(fleet, { machines: new Set(['dead']) })
  expect(await soon.out).toMatchObject([
    { detail: expect.stringMatching(/^it was tried \d+ s ago and did not answer/) },
  ])
  await pass(41_000)
  const named = asking(fleet, { machines: new Set(['dead']) })
  expect(await named.out).toEqual([])
  expect(named.told).toEqual([['dead', 'probe', false, 'unreachable']])
  await fleet.stop()
})

test('a machine that answers again when it is asked for goes on in its beat, long before its retry', async () => {
  const { fleet, state, appended } = dead()
  fleet.start()
  await pass(0)
  for (let i = 0; i < 600; i++) await pass(1_000)
  await pass(45_000)
  state.answers = true
  await asking(fleet, { machines: new Set(['dead']) }).out
  appended.length = 0
  for (let i = 0; i < 40; i++) await pass(1_000)
  expect(appended.length).toBeGreaterThanOrEqual(3)
  await fleet.stop()
})

test('what is disabled or switched off is said where it was asked for by name, and never asked', async () => {
  const { store } = fakeStore()
  const { collector, waiting } = heldCollector('probe')
  const off = '[collectors.git]\nenabled = false\n'
  const config = configOf(['atlas', 'away'], off)
  const machines = config.machines.map((one) => ({ ...one, enabled: one.id !== 'away' }))
  const fleet = openFleet(config, machines, [collector, heldCollector('git').collector], portsOf(store))
  const named = asking(fleet, { machines: new Set(['atlas', 'away']), collectors: new Set(['git']) })
  expect(await named.out).toMatchObject([
    { machine: 'atlas', collector: 'git', why: 'switched_off', fix: 'vc config explain collectors.git' },
    { machine: 'away', collector: null, why: 'disabled', fix: 'vc machines enable away' },
  ])
  expect(await asking(fleet, { collectors: new Set(['git']) }).out).toMatchObject([
    { machine: null, collector: 'git', why: 'switched_off' },
  ])
  const all = asking(fleet)
  await turns()
  waiting.splice(0)[0]?.end()
  expect([await all.out, all.told]).toEqual([[], [['atlas', 'probe', false, null]]])
  await fleet.stop()
})

test('a tool that is known to be missing is an answer each time somebody asks', async () => {
  const { store } = fakeStore()
  const config = configOf(['atlas'])
  const caut = { ...askingCollector('caut'), needs: [['caut']] }
  const fleet = openFleet(config, config.machines, [caut], portsOf(store))
  for (const lane of fleet.lanes.values()) lane.facts = { ...lane.facts, tools: new Map() }
  vi.spyOn(store.db, 'rows').mockResolvedValue([
    { machine_id: 'atlas', tool_name: 'sh', available: true, path: '/bin/sh' },
  ])
  for (let look = 0; look < 2; look++) {
    const asked = asking(fleet)
    await asked.out
    expect(asked.told).toEqual([['atlas', 'caut', false, 'tool_missing']])
  }
  await fleet.stop()
})
