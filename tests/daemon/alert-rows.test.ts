import { expect, test } from 'vitest'
import { judgeAlerts, type LastSeen, type StoredAlert } from '../../src/daemon/alert-rows.ts'
import type { MachineView } from '../../src/oracle/fleet-picture.ts'

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

const stored = (rows: readonly unknown[]): StoredAlert[] =>
  rows.map((row) => {
    const r = row as Record<string, unknown>
    const iso = (v: unknown) => (v instanceof Date ? v.toISOString() : null)
    return {
      ...r,
      since: iso(r.since),
      fired_at: iso(r.fired_at),
      resolved_at: iso(r.resolved_at),
    } as unknown as StoredAlert
  })

test('an unreachable machine is one alert, and it resolves when it answers', () => {
  const seen: LastSeen = new Map()
  const down = view({
    transportFailures: 2,
    transportFault: 'unreachable',
    statusReason: 'connection refused',
    status: 'offline',
    ageS: 90,
  })
  const fired = judgeAlerts([down], [], seen, new Date(1_000_000))
  expect(fired).toMatchObject([
    {
      rule: 'machine_unreachable',
      status: 'firing',
      severity: 'critical',
      title: 'atlas is unreachable: connection refused',
    },
  ])
  expect(judgeAlerts([down], stored(fired), seen, new Date(1_010_000))).toEqual([])
  expect(judgeAlerts([view()], stored(fired), seen, new Date(1_020_000))).toMatchObject([{ status: 'resolved' }])
})

test('a full disk fires, and a flicker within its clear time does not resolve it', () => {
  const seen: LastSeen = new Map()
  const full = view({ filesystems: [{ mount: '/', usedPct: 95, inodesUsedPct: null }] })
  const fired = judgeAlerts([full], [], seen, new Date(0))
  expect(fired).toMatchObject([{ rule: 'disk_low', subject: '/', severity: 'critical' }])
  expect(judgeAlerts([view()], stored(fired), seen, new Date(30_000))).toEqual([])
  expect(judgeAlerts([view()], stored(fired), seen, new Date(61_000))).toMatchObject([{ status: 'resolved' }])
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
  const judge = (s: object) =>
    judgeAlerts([view({ sources: [{ ...source, consecutiveFailures: 3, ...s }] })], [], new Map(), new Date(0))
  expect(judge({ consecutiveFailures: 2 })).toEqual([])
  expect(judge({})).toMatchObject([{ rule: 'collector_red', subject: 'git' }])
  expect(judge({ fault: 'tool_missing' })).toEqual([])
  expect(judge({ fault: 'persist_failed', consecutiveFailures: 1 })).toHaveLength(1)
  // a machine that let nobody in is one alert of its own; a tool on it that nobody is logged in to is this one
  expect(judge({ fault: 'auth', bytes: 0 })).toEqual([])
  expect(judge({ fault: 'auth', bytes: 200 })).toHaveLength(1)
})

test('an alert of a machine that was disabled or removed is resolved: nobody will ever look at it again', () => {
  const seen: LastSeen = new Map()
  const down = view({ machineId: 'gone', transportFailures: 2, transportFault: 'unreachable', status: 'offline' })
  const fired = judgeAlerts([down], [], seen, new Date('2026-11-20T08:00:00Z'))
  expect(fired.length).toBeGreaterThan(0)
  const later = judgeAlerts([view()], stored(fired), seen, new Date('2026-11-20T09:00:00Z'))
  expect(later).toMatchObject(
    fired.map(({ alert_id }) => ({
      alert_id,
      status: 'resolved',
      resolved_at: new Date('2026-11-20T09:00:00Z'),
    })),
  )
  expect(judgeAlerts([view()], stored(later), seen, new Date('2026-11-20T10:00:00Z'))).toEqual([])
})
