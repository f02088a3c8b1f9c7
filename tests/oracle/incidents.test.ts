import { describe, expect, test } from 'vitest'
import {
  CALM_CLOSE_MS,
  type Incident,
  type IncidentAlert,
  JOIN_MS,
  judgeIncidents,
  WINDOW_MS,
} from '../../src/oracle/incidents.ts'

const T0 = Date.parse('2026-11-20T03:00:00Z')
const min = (n: number): number => T0 + n * 60_000

const alert = (rule: string, over: Partial<IncidentAlert> = {}): IncidentAlert => ({
  alertId: `${rule}:${over.machineId ?? 'atlas'}:${over.subject ?? 'x'}`,
  rule,
  machineId: 'atlas',
  subject: 'x',
  severity: 'warning',
  title: `${rule} fires`,
  firedAtMs: min(0),
  causedBy: null,
  silenced: false,
  ...over,
})

/** A diary: at each minute what fires; returns what stands after each. */
const diary = (days: readonly (readonly [number, readonly IncidentAlert[]])[]): readonly (readonly Incident[])[] => {
  let known: readonly Incident[] = []
  return days.map(([at, firing]) => {
    known = judgeIncidents(firing, known, min(at))
    return known
  })
}
const critical = alert('disk_low', { severity: 'critical' })

describe('when an incident opens', () => {
  test('one critical alert is one', () => {
    const [[found] = []] = diary([[1, [critical]]])
    expect(found).toMatchObject({
      status: 'open',
      severity: 'critical',
      machineId: 'atlas',
      openedAtMs: min(0),
      title: 'disk_low fires',
    })
  })

  test('two warnings are not, three within the window are, three over the day are not', () => {
    const [a, b, c] = [
      alert('load_high'),
      alert('swap_rising', { firedAtMs: min(5) }),
      alert('oom_kills', { firedAtMs: min(9) }),
    ]
    const late = alert('oom_kills', { firedAtMs: T0 + WINDOW_MS + 60_000 })
    expect(diary([[6, [a, b]]])[0]).toEqual([])
    expect(diary([[10, [a, b, c]]])[0]).toMatchObject([
      { title: 'load_high fires, and 2 more', episodes: [{}, {}, {}] },
    ])
    expect(diary([[20, [a, b, late]]])[0]).toEqual([])
  })

  test('what joins is counted in its title, and what is worse leads it', () => {
    const [a, b, c] = ['load_high', 'swap_rising', 'oom_kills'].map((rule) => alert(rule))
    if (!a || !b || !c) throw new Error('three alerts')
    const worse = alert('machine_unreachable', { severity: 'critical', firedAtMs: min(5) })
    const titles = diary([
      [1, [a, b, c]],
      [2, [a, b, c, alert('clock_skew', { firedAtMs: min(2) })]],
      [5, [a, b, c, worse]],
      [9, [a, b, c, { ...worse, firedAtMs: min(9) }]],
    ]).map(([one]) => one?.title)
    expect(titles).toEqual([
      'load_high fires, and 2 more',
      'load_high fires, and 3 more',
      'machine_unreachable fires, and 4 more',
      'machine_unreachable fires, and 4 more',
    ])
  })

  test('warnings of different machines have nothing to do with each other', () => {
    const firing = ['atlas', 'borg', 'coyote'].map((machineId) => alert('load_high', { machineId }))
    expect(diary([[1, firing]])[0]).toEqual([])
  })

  test('three machines falling silent together are one incident, not three', () => {
    const firing = ['atlas', 'borg', 'coyote'].map((machineId, i) =>
      alert('machine_unreachable', { machineId, severity: 'critical', firedAtMs: min(i) }),
    )
    expect(diary([[4, firing]])[0]).toMatchObject([
      { groupKey: 'network', machineId: null, title: '3 machines fell silent together' },
    ])
  })

  test('what a dead machine causes belongs to the dead machine', () => {
    const dead = alert('machine_unreachable', { severity: 'critical' })
    const account = alert('account_stale', { machineId: null, causedBy: dead.alertId, severity: 'critical' })
    expect(diary([[1, [dead, account]]])[0]).toMatchObject([{ groupKey: 'machine:atlas', episodes: [{}, {}] }])
  })

  test('a silenced alert opens none', () => expect(diary([[1, [{ ...critical, silenced: true }]]])[0]).toEqual([]))
})

describe('its life', () => {
  test('it grows, becomes calm, opens again for a related alert, and is closed after a day of calm', () => {
    const later = alert('load_high', { firedAtMs: min(20) })
    const back = alert('disk_low', { severity: 'critical', firedAtMs: min(45) })
    const states = diary([
      [1, [critical]],
      [21, [critical, later]],
      [30, []],
      [46, [back]],
      [60, []],
      [61 + CALM_CLOSE_MS / 60_000, []],
    ])
    expect(states.map((all) => all.map((one) => `${one.status} ${one.episodes.length}`))).toEqual([
      ['open 1'], ['open 2'], ['calm 2'], ['open 3'], ['calm 3'], ['closed 3'],
    ]) // biome-ignore format: a diary
    expect(states[5]?.[0]).toMatchObject({ closedBy: 'vc', closeReason: 'calm for a day' })
  })

  test('long after calm it is another incident', () => {
    const again = { ...critical, firedAtMs: min(2) + JOIN_MS + 60_000 }
    const states = diary([
      [1, [critical]],
      [2, []],
      [40, [again]],
    ])
    expect(states[2]?.map((one) => one.status)).toEqual(['calm', 'open'])
  })

  test('one that a person closed stays closed while its alert still fires', () => {
    const [[open] = []] = diary([[1, [critical]]])
    const closed = { ...(open as Incident), status: 'closed' as const, closedAtMs: min(2), closedBy: 'ops' }
    expect(judgeIncidents([critical], [closed], min(3))).toEqual([closed])
  })

  test('the same rows give the same incident: a judgement repeated after a crash opens no second one', () => {
    const once = judgeIncidents([critical], [], min(1))
    expect(judgeIncidents([critical], [], min(7)).map((one) => one.incidentId)).toEqual(
      once.map((one) => one.incidentId),
    )
    expect(judgeIncidents([critical], once, min(8))).toEqual(once)
  })

  test('one that a person opened waits for a person', () => {
    const [[open] = []] = diary([[1, [critical]]])
    const mine = { ...(open as Incident), openedBy: 'ops', episodes: [] }
    expect(judgeIncidents([], [mine], min(100_000))).toEqual([mine])
  })
})
