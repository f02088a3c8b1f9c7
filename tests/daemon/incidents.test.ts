import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeIncident, parseIncidentChange } from '../../src/commands/incident-change.ts'
import { incidentMarkdown } from '../../src/commands/incident-markdown.ts'
import type { AskRequest } from '../../src/core/carrier.ts'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openIncidentWatch } from '../../src/daemon/incidents.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, run, seededStore } from '../queries/seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
let clock = NOW
const plan = planOf(['atlas', 'borg', 'coyote'])
const later = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000)
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const ask = async (params: AskRequest['params'] = {}): Promise<any> =>
  (await answer(queries, { topic: 'incidents', params }, { db: seeded.store.db, now: clock, plan })).data
const watch = () => openIncidentWatch({ store: seeded.store, plan: () => plan, now: () => clock, log: silentLog })
const alertRow = (over: Row): Row => ({
  alert_id: 'disk_low:borg:/data', rule: 'disk_low', machine_id: 'borg', subject: '/data', severity: 'critical', status: 'firing',
  title: 'borg /data has 3.0 % free', evidence_json: '{"free_pct":3}', since: new Date(NOW.getTime() - 600_000), fired_at: new Date(NOW.getTime() - 600_000), resolved_at: null, ...over,
}) // biome-ignore format: one row
const write = async (at: Date, table: string, rows: readonly Row[]): Promise<void> => {
  const written = seeded.store.write({ machineId: 'fleet', source: 'oracle.fleet', at, batches: [{ table, rows }] })
  await seeded.store.flush()
  expect(await written).toMatchObject({ ok: true })
}
const look = async (one = watch()): Promise<void> => {
  const looking = one.look()
  // The write of a judgement waits for company; nobody else comes in a test.
  const pushing = setInterval(() => void seeded.store.flush(), 20)
  await looking.finally(() => clearInterval(pushing))
}

beforeAll(async () => {
  seeded = await seededStore()
})
afterAll(() => seeded.close())

test('a critical alert in the store opens one incident, with its cause and its timeline, and only once', async () => {
  await look()
  // Another process after a crash knows nothing but the rows.
  await look()
  const { incidents, open } = await ask()
  expect(open).toBe(1)
  expect(incidents).toMatchObject([
    {
      title: 'borg /data has 3.0 % free',
      status: 'open',
      machine: 'borg',
      opened_by: 'vc',
      alerts: 1,
      likely_cause: 'a filesystem of borg is full',
    },
  ])
  const { detail } = await ask({ id: incidents[0].incident })
  expect(detail.alerts).toMatchObject([{ rule: 'disk_low', evidence: { free_pct: 3 } }])
  expect(detail.hypotheses[0].reasons[0]).toMatch(/^\+0\.55 /)
  expect(detail.timeline.map((e: { kind: string }) => e.kind)).toContain('alert')
})

test('the timeline holds what other sources saw: faults, commits and versions of that machine', async () => {
  clock = later(5)
  await seeded.store.append(
    run('borg', 'git', 0, [], { startedAt: later(1), up: false, fault: 'timeout', detail: 'no answer in 20 s' }),
  )
  await seeded.store.append(
    run('borg', 'git', 0, [], { startedAt: later(2), up: false, fault: 'timeout', detail: 'no answer in 20 s' }),
  )
  await seeded.store.append(run('borg', 'git', 0, [], { startedAt: later(3) }))
  for (const [at, version] of [
    [later(-20), '1.0'],
    [later(4), '2.0'],
  ] as const)
    await write(at, 'machine_tool_capabilities', [
      {
        machine_id: 'borg',
        tool_name: 'caut',
        available: true,
        path: '/usr/bin/caut',
        version,
        checked_at: at,
        expires_at: later(600),
      },
    ])
  const [{ incident }] = (await ask()).incidents
  const { detail } = await ask({ id: incident })
  const told = detail.timeline.map(
    (e: { kind: string; change: string; text: string }) => `${e.kind} ${e.change}: ${e.text}`,
  )
  expect(told.filter((line: string) => line.startsWith('scrape'))).toEqual([
    'scrape timeout: git: no answer in 20 s',
    'scrape answers: git answers again',
  ])
  expect(told).toContain('version changed: caut 1.0 → 2.0')
})

test('notes, hostile text included, stand in it and in the page; closing says who and why', async () => {
  const [{ incident }] = (await ask()).incidents
  const by = async (given: Record<string, unknown>) =>
    changeIncident(seeded.store, parseIncidentChange({ actor: 'ops', ...given }), clock)
  await by({ action: 'note', id: incident, body: 'freed \u001b[31m40 GB | see *here*' })
  await by({ action: 'close', id: incident.slice(-6), reason: 'disk replaced' })
  await expect(by({ action: 'close', id: incident, reason: 'again' })).rejects.toMatchObject({ code: 'already_closed' })
  const { incidents } = await ask()
  expect(incidents).toEqual([])
  const { detail } = await ask({ id: incident })
  expect(detail.incident).toMatchObject({ status: 'closed', closed_by: 'ops', close_reason: 'disk replaced', notes: 1 })
  const page = incidentMarkdown(detail)
  expect(page).toContain('- 2026-11-20 12:05:00 UTC ops: freed \\[31m40 GB \\| see \\*here\\*')
  expect(page).toContain('| Closed | 2026-11-20 12:05:00 UTC by ops: disk replaced |')
  expect(page).toContain('(+13:00) scrape borg: git answers again → answers')
})

test('it is not opened again while the same alert fires, and was open at a time before', async () => {
  clock = later(6)
  await look()
  expect((await ask()).incidents).toEqual([])
  expect((await ask({ at: later(4).toISOString() })).incidents).toHaveLength(1)
})

test('when the alert fires anew after a close there is a new incident, calm once it is resolved', async () => {
  clock = later(60)
  await write(later(50), 'alerts', [alertRow({ status: 'resolved', resolved_at: later(50) })])
  await write(clock, 'alerts', [alertRow({ fired_at: clock, since: clock })])
  const one = watch()
  await look(one)
  expect((await ask()).incidents).toMatchObject([{ status: 'open', opened_at: clock.toISOString() }])
  clock = later(70)
  await write(clock, 'alerts', [
    alertRow({ status: 'resolved', fired_at: later(60), since: later(60), resolved_at: clock }),
  ])
  await look(one)
  expect((await ask()).incidents).toMatchObject([{ status: 'calm', calm_at: clock.toISOString() }])
})

test('incidents that were closed before anything that fires now are not read again', async () => {
  clock = later(80)
  const old = Array.from({ length: 50 }, (_, n) => ({
    incident_id: `i-old-${n}`, group_key: 'machine:borg', machine_id: 'borg', title: 'borg was full', severity: 'warning', status: 'closed',
    opened_at: later(-9_000), opened_by: 'vc', last_alert_at: later(-9_000), calm_at: later(-8_000), closed_at: later(-7_000), closed_by: 'vc',
    close_reason: 'calm for a day', alerts_json: '[]', hypotheses_json: '[]',
  })) // biome-ignore format: one row
  await write(clock, 'incidents', old)
  const { db, write: put } = seeded.store
  let ids: readonly string[] = []
  const noted: typeof db.rows = async (sql, params, schema) => {
    const rows = await db.rows(sql, params, schema)
    ids = [...ids, ...rows.flatMap((row) => String((row as Row).incident_id ?? []))]
    return rows
  }
  const one = openIncidentWatch({
    store: { db: { rows: noted }, write: put },
    plan: () => plan,
    now: () => clock,
    log: silentLog,
  })
  await look(one)
  expect(ids.filter((id) => id.startsWith('i-old-'))).toEqual([])
  await write(clock, 'alerts', [alertRow({ fired_at: later(80), since: later(80) })])
  await look(one)
  expect((await ask()).incidents.filter((found: { status: string }) => found.status === 'open')).toMatchObject([
    { title: 'borg /data has 3.0 % free', alerts: 2 },
  ])
})

test('changes that say nothing are refused', () => {
  const refused = (given: Record<string, unknown>) => () => parseIncidentChange(given)
  expect(refused({})).toThrow(expect.objectContaining({ code: 'bad_incident_change' }))
  expect(refused({ action: 'note', id: 'i', body: ' \u0007 ' })).toThrow(
    expect.objectContaining({ code: 'empty_text' }),
  )
  expect(refused({ action: 'open', title: 7 })).toThrow(expect.objectContaining({ code: 'empty_text' }))
})

test('an incident nobody knows is refused by name', async () => {
  await expect(ask({ id: 'nope' })).rejects.toMatchObject({ code: 'unknown_incident', exitCode: 2 })
})

test('an incident that is open for weeks is not weighed by what happened since, nor again while nothing joins it', async () => {
  clock = later(20 * 1440)
  const { db, write: put } = seeded.store
  const spans: string[] = []
  const noted: typeof db.rows = (sql, params, schema) => {
    spans.push(sql)
    return db.rows(sql, params, schema)
  }
  const one = openIncidentWatch({
    store: { db: { rows: noted }, write: put },
    plan: () => plan,
    now: () => clock,
    log: silentLog,
  })
  await write(clock, 'alerts', [alertRow({ alert_id: 'disk_low:borg:/old', fired_at: later(90), since: later(90) })])
  await look(one)
  const timeline = (sql: string): boolean => sql.includes('FROM agent_state_events')
  const read = spans.filter(timeline)
  expect(read.length).toBeGreaterThan(0)
  const until = new Date(later(90).getTime() + 86_400_000).toISOString().slice(0, 10)
  expect(read.filter((sql) => (/event_at <= TIMESTAMP '([^' ]*)/.exec(sql)?.[1] ?? '~') > until)).toEqual([])
  clock = later(20 * 1440 + 30)
  spans.length = 0
  await look(one)
  expect(spans.filter(timeline)).toEqual([])
})

test('what cannot be written is judged again after half a minute, and not at each look', async () => {
  let tries = 0
  const refusing = async () => {
    tries += 1
    return { ok: false as const, fault: 'persist_failed' as const, detail: 'disk_full' }
  }
  const store = { db: seeded.store.db, write: refusing }
  const one = openIncidentWatch({ store, plan: () => plan, now: () => clock, log: silentLog })
  clock = later(300)
  await write(clock, 'alerts', [alertRow({ alert_id: 'disk_low:borg:/new', fired_at: clock, since: clock })])
  const from = clock.getTime()
  for (const seconds of [0, 1, 29, 30, 31]) {
    clock = new Date(from + seconds * 1000)
    await one.look()
  }
  expect(tries).toBe(2)
})
