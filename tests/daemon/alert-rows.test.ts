import { expect, test } from 'vitest'
import { cockpit, down, full, START, view } from './alert-cockpit.ts'

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
