import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { openAlertKeeper } from '../../src/daemon/alert-keeper.ts'
import type { StoredAlert } from '../../src/daemon/alert-rows.ts'
import type { MachineSignals } from '../../src/oracle/alert-signals.ts'
import type { MachineView } from '../../src/oracle/fleet-picture.ts'
import { fleetSignals, signalsOf } from '../oracle/alert-pictures.ts'

const view = (over: Partial<MachineView> = {}): MachineView => ({
  machineId: 'atlas',
  enabled: true,
  status: 'online',
  ageS: 3,
  staleAfterS: 35,
  cores: 4,
  cpuPct: 10,
  load5: 1,
  memUsedPct: 30,
  filesystems: [],
  redSources: [],
  dueSources: 1,
  statusReason: null,
  transportFailures: 0,
  transportFault: null,
  sources: [],
  ...over,
})

/** What the store holds after rows were written in order. */
const storedAfter = (rows: readonly Row[]): StoredAlert[] => {
  const iso = (value: unknown) => (value instanceof Date ? value.toISOString() : value)
  const byId = new Map(rows.map((row) => [row.alert_id, row]))
  return [...byId.values()].map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, iso(value)])),
  ) as unknown as StoredAlert[]
}

const START = Date.parse('2026-11-20T08:00:00Z')

/** A running vc: looks at machines at given seconds, and can be restarted. */
const cockpit = () => {
  const written: Row[] = []
  const told: string[] = []
  let keeper = openAlertKeeper([], START)
  return {
    written,
    told,
    keeper: () => keeper,
    restart(atS: number) {
      keeper = openAlertKeeper(storedAfter(written), START + atS * 1000)
    },
    look(atS: number, ...machines: readonly (MachineView | MachineSignals)[]) {
      const nowMs = START + atS * 1000
      const news = keeper.judge({
        machines: machines.map((one) => ('machine' in one ? one : signalsOf(one))),
        fleet: fleetSignals(),
        userRules: [],
        disabled: new Set(),
        nowMs,
      })
      written.push(...news.rows)
      told.push(...news.transitions.map(({ kind, alert }) => `${kind} ${alert.alertId}`))
      return news.rows
    },
  }
}

const down = (over: Partial<MachineView> = {}): MachineView =>
  view({
    transportFailures: 2,
    transportFault: 'unreachable',
    statusReason: 'connection refused',
    status: 'offline',
    ageS: 90,
    ...over,
  })
const full = view({ filesystems: [{ mount: '/', usedPct: 95, inodesUsedPct: null }] })
const hot = view({ load5: 9 })

test('an unreachable machine is one alert, and it resolves when it answers and goes on answering', () => {
  const vc = cockpit()
  expect(vc.look(0, down())).toMatchObject([
    {
      rule: 'machine_unreachable',
      status: 'firing',
      severity: 'critical',
      title: 'atlas is unreachable: connection refused',
    },
  ])
  expect(vc.look(10, down())).toEqual([])
  for (const atS of [20, 60, 100]) expect(vc.look(atS, view())).toEqual([])
  expect(vc.look(140, view())).toMatchObject([{ status: 'resolved' }])
  expect(vc.told).toEqual([
    'firing machine_unreachable:atlas:transport',
    'resolved machine_unreachable:atlas:transport',
  ])
})

test('the words of what stands are brought up to date by the first look of another process', () => {
  const vc = cockpit()
  const filled = (usedPct: number) => view({ filesystems: [{ mount: '/', usedPct, inodesUsedPct: null }] })
  vc.look(0, filled(95))
  vc.restart(600)
  expect(vc.look(600, filled(98))).toMatchObject([{ rule: 'disk_low', title: 'atlas / has 2.0 % free' }])
  expect(vc.look(610, filled(99))).toEqual([])
  expect(vc.told).toHaveLength(1)
})

test('a machine that comes and goes is told of once, however often', () => {
  const vc = cockpit()
  for (let atS = 0; atS < 1_800; atS += 75) {
    vc.look(atS, down())
    vc.look(atS + 30, view())
    vc.look(atS + 60, view({ transportFailures: 1, transportFault: 'unreachable', status: 'degraded' }))
  }
  expect(vc.told).toEqual(['firing machine_unreachable:atlas:transport'])
})

test('what goes wrong on a machine that is back is told at once', () => {
  const vc = cockpit()
  vc.look(0, down())
  expect(vc.look(30, full)).toMatchObject([{ rule: 'disk_low', status: 'firing', suppressed_by: null }])
})

test('a full disk fires, and a flicker within its clear time does not resolve it', () => {
  const vc = cockpit()
  expect(vc.look(0, full)).toMatchObject([{ rule: 'disk_low', subject: '/', severity: 'critical' }])
  expect(vc.look(30, view())).toEqual([])
  expect(vc.look(45, full)).toEqual([])
  expect(vc.look(75, view())).toEqual([])
  expect(vc.look(106, view())).toMatchObject([{ status: 'resolved' }])
})

test('what fired before the machine was lost stays, is named after its cause, and is not told again', () => {
  const vc = cockpit()
  vc.look(0, full)
  expect(vc.look(30, down({ filesystems: [] }))).toMatchObject([
    { rule: 'machine_unreachable', status: 'firing' },
    { rule: 'disk_low', status: 'firing', suppressed_by: 'machine_unreachable:atlas:transport' },
  ])
  for (const atS of [60, 120, 600]) vc.look(atS, down({ filesystems: [] }))
  expect(vc.look(630, full)).toMatchObject([{ rule: 'disk_low', suppressed_by: null }])
  for (const atS of [690, 750]) vc.look(atS, full)
  expect(vc.told).toEqual([
    'firing disk_low:atlas:/',
    'firing machine_unreachable:atlas:transport',
    'resolved machine_unreachable:atlas:transport',
  ])
})

test('a dead machine with thirty troubles is one alert', () => {
  const vc = cockpit()
  const sources = Array.from({ length: 30 }, (_, i) => ({
    source: `s${i}`, up: false, fault: 'unreachable' as const, detail: 'x', okAgeS: 900, intervalS: 30, bytes: 0, consecutiveFailures: 9,
  })) // biome-ignore format: one source
  expect(vc.look(0, down({ sources, load5: 99, filesystems: full.filesystems }))).toHaveLength(1)
})

test('a restart in the middle of a hold neither forgets it nor counts the time nobody looked', () => {
  const vc = cockpit()
  for (let atS = 0; atS <= 300; atS += 15) vc.look(atS, hot)
  expect(vc.written.at(-1)).toMatchObject({ rule: 'load_high', status: 'pending' })
  // an hour later vc starts again, and the load is high again: five of ten minutes were seen
  vc.restart(3_900)
  vc.look(3_900, hot)
  expect(vc.told).toEqual([])
  for (let atS = 3_915; atS <= 4_170; atS += 15) vc.look(atS, hot)
  expect(vc.told).toEqual([])
  for (let atS = 4_185; atS <= 4_290; atS += 15) vc.look(atS, hot)
  expect(vc.told).toEqual(['firing load_high:atlas:load'])
})

test('after a restart a firing alert is not told again, and its end is', () => {
  const vc = cockpit()
  vc.look(0, full)
  vc.restart(600)
  vc.look(600, full)
  vc.look(660, view())
  vc.look(720, view())
  expect(vc.told).toEqual(['firing disk_low:atlas:/', 'resolved disk_low:atlas:/'])
})

test('a clock that jumps ahead fires nothing early, and one that jumps back loses nothing', () => {
  const vc = cockpit()
  vc.look(0, hot)
  vc.look(86_400, hot)
  expect(vc.told).toEqual([])
  vc.look(-86_400, hot)
  for (let atS = -86_385; atS <= -85_800; atS += 15) vc.look(atS, hot)
  expect(vc.told).toEqual(['firing load_high:atlas:load'])
})

test('a machine that is listed twice is one alert', () => {
  const vc = cockpit()
  expect(vc.look(0, full, full)).toHaveLength(1)
})

test('a source must fail three times before it is an alert; a missing tool never is one', () => {
  const source = {
    source: 'git',
    up: false,
    fault: 'bad_output' as const,
    detail: 'x',
    okAgeS: 10,
    intervalS: 300,
    bytes: 9,
  }
  const judge = (s: object) => cockpit().look(0, view({ sources: [{ ...source, consecutiveFailures: 3, ...s }] }))
  expect(judge({ consecutiveFailures: 2 })).toEqual([])
  expect(judge({})).toMatchObject([{ rule: 'collector_red', subject: 'git' }])
  expect(judge({ fault: 'tool_missing' })).toEqual([])
  expect(judge({ fault: 'persist_failed', consecutiveFailures: 1 })).toHaveLength(1)
  // a machine that let nobody in is one alert of its own; a tool on it that nobody is logged in to is this one
  expect(judge({ fault: 'auth', bytes: 0 })).toEqual([])
  expect(judge({ fault: 'auth', bytes: 200 })).toHaveLength(1)
})

test('another host key is an alert of its own, also of a machine that was unreachable before', () => {
  const vc = cockpit()
  vc.look(0, down())
  expect(vc.look(60, down({ transportFault: 'host_key_changed' }))).toMatchObject([
    { alert_id: 'machine_unreachable:atlas:host_key', status: 'firing', severity: 'critical' },
  ])
})

test('a machine that hangs is one alert of the machine, and not one of each of its sources', () => {
  const source = (name: string, more: object) => ({
    ...{
      source: name,
      up: false,
      fault: 'timeout' as const,
      detail: 'did not end',
      okAgeS: 90,
      intervalS: 30,
      bytes: 0,
    },
    ...{ consecutiveFailures: 3, ...more },
  })
  const absent = source('dcg', { fault: 'tool_missing', intervalS: 120 })
  const slow = source('git', { up: true, fault: null, intervalS: 300, consecutiveFailures: 0 })
  const quick = ['probe', 'tmux', 'live'].map((name) => source(name, {}))
  const judge = (sources: readonly ReturnType<typeof source>[]) => cockpit().look(0, view({ sources }))
  expect(judge([absent, slow, ...quick])).toMatchObject([
    { rule: 'collector_red', subject: 'every source', title: 'atlas lets vc in, but ends no script in time' },
  ])
  expect(judge([absent, slow, ...quick.map((one) => ({ ...one, consecutiveFailures: 2 }))])).toEqual([])
  expect(judge([absent, slow, ...quick, source('hooks', { up: true, fault: null })])).toHaveLength(3)
})

test('an alert of a machine that was disabled or removed is resolved: nobody will ever look at it again', () => {
  const vc = cockpit()
  vc.look(0, down({ machineId: 'gone' }))
  expect(vc.look(3_600, view())).toMatchObject([
    {
      ...{ alert_id: 'machine_unreachable:gone:transport', status: 'resolved' },
      evidence_json: expect.stringContaining('"ended_because":"gone is not looked at any more"'),
    },
  ])
  expect(vc.look(7_200, view())).toEqual([])
})

test('what is closed stays closed until it is gone, and what comes back is a new alert', () => {
  const vc = cockpit()
  vc.look(0, full)
  const { row } = vc.keeper().act({ action: 'close', alert: 'disk_low', minutes: null }, START + 1_000)
  expect(row).toMatchObject({ status: 'firing', closed_at: new Date(START + 1_000) })
  expect(vc.look(15, full)).toEqual([])
  vc.look(60, view())
  vc.look(121, view())
  expect(vc.look(300, full)).toMatchObject([{ status: 'firing', closed_at: null }])
  expect(vc.told).toEqual(['firing disk_low:atlas:/', 'firing disk_low:atlas:/'])
})

test('who acknowledged a warning hears of it again when it becomes critical', () => {
  const vc = cockpit()
  vc.look(0, view({ filesystems: [{ mount: '/', usedPct: 88, inodesUsedPct: null }] }))
  vc.keeper().act({ action: 'ack', alert: 'disk_low:atlas:/', minutes: null }, START + 1_000)
  vc.look(15, full)
  expect(vc.told).toEqual(['firing disk_low:atlas:/', 'worse disk_low:atlas:/'])
  expect(vc.keeper().standing()).toMatchObject([{ ackedAtMs: null, severity: 'critical' }])
})

test('an alert that comes and goes stays silenced for as long as a person said, also over a restart', () => {
  const vc = cockpit()
  vc.look(0, full)
  vc.keeper().act({ action: 'silence', alert: 'disk_low:atlas:/', minutes: 10 }, START + 1_000)
  for (const atS of [30, 90, 91]) vc.look(atS, view())
  const until = new Date(START + 601_000)
  expect(vc.look(120, full)).toMatchObject([{ status: 'firing', silenced_until: until }])
  for (const atS of [150, 210, 211]) vc.look(atS, view())
  vc.restart(220)
  expect(vc.look(230, full)).toMatchObject([{ status: 'firing', silenced_until: until }])
  for (const atS of [240, 300, 301]) vc.look(atS, view())
  expect(vc.look(700, full)).toMatchObject([{ status: 'firing', silenced_until: null }])
})

test('rows that were not stored are handed out again', () => {
  const vc = cockpit()
  const rows = vc.look(0, full)
  vc.keeper().notStored(rows)
  expect(vc.look(15, full)).toMatchObject([{ rule: 'disk_low', status: 'firing' }])
  expect(vc.look(30, full)).toEqual([])
  const ended = [vc.look(75, view()), vc.look(135, view())].flat()
  expect(ended).toMatchObject([{ status: 'resolved' }])
  vc.keeper().notStored(ended)
  expect(vc.look(150, view())).toMatchObject([{ status: 'resolved' }])
  expect(vc.look(165, view())).toEqual([])
})
