import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openAuditTrail } from '../../src/commands/audit-trail.ts'
import type { Row, RowBatch } from '../../src/core/rows.ts'
import { EVENT_DATA, EVENT_TYPES, type EventDataType, eventLine } from '../../src/queries/event-shapes.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
const write = (atS: number, ...batches: RowBatch[]) =>
  seeded.store.write({ machineId: 'atlas', source: 'oracle', at: ago(atS), batches })

const prediction = (madeS: number, over: Row): Row => ({
  machine_id: 'fleet', kind: 'limit', subject: 'anthropic acc-1 - 5h', made_at: ago(madeS), horizon_at: null, outlook: 'forecast', value_minutes: 30,
  low_minutes: 20, high_minutes: 40, probability: 0.9, action: 'continue', advice_json: '{}', model: 'm', confidence: 0.8, basis_json: '{}', ...over,
}) // biome-ignore format: a row
const health = (severity: string, score: number, changedS: number): Row => ({
  machine_id: 'atlas', score, severity, status: 'online', worst_factor: 'disk', worst_evidence: '/ 97 % full', changed_at: ago(changedS),
}) // biome-ignore format: a row
const skew = (over: Row): Row => ({
  alert_id: 'clock_skew:borg:clock', rule: 'clock_skew', machine_id: 'borg', subject: 'clock', severity: 'warning', status: 'firing', title: 'the clock is wrong',
  evidence_json: '{}', since: ago(2900), fired_at: ago(2800), resolved_at: null, acked_at: null, silenced_until: null, closed_at: null, held_ms: 60_000, suppressed_by: null, ...over,
}) // biome-ignore format: a row
const bead = (standing: string): Row => ({
  project: '/p/.beads', repo_id: 'r1', issue_id: 'b-1', title: 'Mend the gate', status: 'open', standing, priority: 1, issue_type: 'bug', assignee: null,
  labels_json: null, created_at: null, started_at: null, updated_at: null, closed_at: null, due_at: null, defer_until: null, estimated_minutes: null,
  external_ref: null, comment_count: null, body_chars: null, body_sha256: null, waits_on_json: null, unblocks: 3, score: null, reasons_json: null, gone: false,
}) // biome-ignore format: a row

beforeAll(async () => {
  seeded = await seededStore()
  const { store } = seeded
  const down = { up: false, fault: 'timeout' as const, detail: 'no answer in 10 s' }
  for (const [atS, over] of [[3000, {}], [2400, down], [2100, down], [1800, {}]] as const)
    await store.append(run('borg', 'git', atS, [], over))
  // the machine was away: its sources broke no more than they were before
  for (const [atS, over] of [[3000, {}], [2400, { ...down, fault: 'unreachable' as const }], [1800, {}]] as const)
    await store.append(run('borg', 'rano', atS, [], over))
  for (const [atS, standing] of [[3000, 'blocked'], [1500, 'ready']] as const)
    await store.append(run('atlas', 'beads', atS, [{ table: 'beads_issues', rows: [bead(standing)] }]))
  await write(3000, { table: 'health_summary', rows: [health('healthy', 0.95, 3000)] })
  await write(1200, { table: 'health_summary', rows: [health('healthy', 0.9, 1200)] })
  await write(900, { table: 'health_summary', rows: [health('critical', 0.3, 900)] })
  for (const [madeS, over] of [[3000, {}], [2700, {}], [2000, { action: 'prepare_swap' }], [1000, { outlook: 'hit', action: 'swap_now', value_minutes: 0 }], [500, { outlook: 'still', action: 'continue', value_minutes: null, basis_json: '{"account_label":"dev@example.org"}' }]] as const)
    await write(madeS, { table: 'predictions', rows: [prediction(madeS, over)] })
  const acked = { acked_at: ago(2500) }
  const alone = [[2900, { status: 'pending' }], [2800, {}], [2500, acked], [2400, { ...acked, suppressed_by: 'machine_unreachable:borg:transport' }], [2300, acked], [2200, { ...acked, status: 'resolved' }], [2100, { since: ago(2100), severity: 'critical' }]] as const
  for (const [atS, over] of alone) await write(atS, { table: 'alerts', rows: [skew(over)] })
  const engineEvent = { event_id: 'e-1', agent_id: 'atlas/claude-7k2m', ts: ago(400), type: 'spawn', detail: 'coder', data_json: '{}' }
  await write(400, { table: 'engine_events', rows: [engineEvent] })
  const trail = openAuditTrail(store, () => ago(300))
  const stop = { verb: 'agent.stop', target: { machineId: 'atlas', agentId: 'atlas/claude-7k2m' }, params: {}, class: 'reversible', why: 'stop it', origin: 'person', actor: 'ana' } as const
  const caller = { pid: 11, agent: null, terminal: true }
  await trail.intent('a-1', stop, caller)
  await trail.result('a-1', stop, caller, { outcome: 'verified', effects: [], refusal: null })
  await store.flush()
}) // biome-ignore format: one history per line
afterAll(() => seeded.close())

const ask = async (params: object) => {
  const reply = await answer(
    queries,
    { topic: 'events', params: { ...params } },
    { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) },
  )
  return reply.data as { events: z.output<typeof eventLine>[]; next: string; more: boolean }
}
const brief = async (type: string) =>
  (await ask({ since: '58m', type })).events.map(({ ts, change, subject }) => [ts.slice(11, 19), subject, change])

test('a source tells when it began to fail and when it answered again, not each time it failed', async () => {
  expect((await brief('collector_status')).filter(([, subject]) => subject?.startsWith('borg/'))).toEqual([
    ['11:20:00', 'borg/git', 'down'],
    ['11:30:00', 'borg/git', 'up'],
  ])
})

test('health tells another severity, not another score', async () => {
  expect(await brief('health_change')).toEqual([
    ['11:10:00', 'atlas', 'healthy'],
    ['11:45:00', 'atlas', 'critical'],
  ])
})

test('a forecast that says the same again is no event', async () => {
  expect((await brief('prediction')).map(([at, , change]) => [at, change])).toEqual([
    ['11:10:00', 'continue'],
    ['11:26:40', 'prepare_swap'],
    ['11:43:20', 'swap_now'],
    ['11:51:40', 'continue'],
  ])
})

test('an alert that somebody acknowledged, or that got a cause and lost it again, does not fire anew', async () => {
  const mine = (await brief('alert')).filter(([, subject]) => subject?.startsWith('clock_skew:'))
  expect(mine.map(([at, , change]) => [at, change])).toEqual([
    ['11:11:40', 'pending'],
    ['11:13:20', 'firing'],
    ['11:23:20', 'resolved'],
    ['11:25:00', 'firing'],
  ])
  const { events } = await ask({ since: '58m', type: 'alert' })
  expect(events.find(({ change }) => change === 'resolved')?.text).toBe('over: the clock is wrong')
})

test('the history of an alert says who had a hand in it, and what became of it in between', async () => {
  const { store } = seeded
  const topic = { topic: 'alerts', params: { alert: 'clock_skew:borg:clock' } }
  const { data } = await answer(queries, topic, { db: store.db, now: NOW, plan: planOf(['borg']) })
  expect((data as { history: { status: string }[] }).history.map(({ status }) => status)).toEqual([
    'firing',
    'resolved',
    'stands for itself again',
    'because of machine_unreachable:borg:transport',
    'acknowledged',
    'firing',
    'pending',
  ])
})

test('a forecast is told of the account as people call it', async () => {
  const texts = (await ask({ since: '58m', type: 'prediction,opportunity' })).events.map(({ text }) => text)
  expect(texts).toContain('limit of anthropic dev@example.org - 5h: still, probability 0.90, continue')
  expect(texts).toContain('anthropic dev@example.org - 5h is no longer used up')
  expect(texts).toContain('limit of anthropic acc-1 - 5h: forecast in 30 min, probability 0.90, continue')
  expect(texts).toContain('limit of anthropic acc-1 - 5h: used up, swap now')
})

test('an issue that became ready and a window that is free again are opportunities', async () => {
  expect(await brief('opportunity')).toEqual([
    ['11:35:00', 'bead:b-1', 'bead_ready'],
    ['11:51:40', 'limit:anthropic acc-1 - 5h', 'limit_freed'],
  ])
})

test('agents are told as agent_state, also to those who ask by the old name', async () => {
  const [now, old] = [await brief('agent_state'), await brief('agent')]
  expect(now.length).toBeGreaterThan(0)
  expect(old).toEqual(now)
})

describe('every line keeps to its published shape', () => {
  test.each(Object.keys(EVENT_DATA) as EventDataType[])('%s', async (type) => {
    const { events } = await ask({ since: '7d', type })
    expect(events.length).toBeGreaterThan(0)
    for (const event of events) {
      z.strictObject(eventLine.shape).parse(event)
      z.strictObject(EVENT_DATA[type].shape).parse(event.data)
    }
  })
})

test('resumed at any line, the rest comes and nothing twice', async () => {
  const { events } = await ask({ since: '58m' })
  for (const cut of [1, 4, events.length - 1]) {
    const from = events[cut]?.ts ?? ''
    const rest = (await ask({ since: from })).events
    expect(rest).toEqual(events.filter(({ ts }) => ts > from))
  }
})

test('a misspelt type is refused with the nearest', async () => {
  await expect(ask({ type: 'predicton' })).rejects.toMatchObject({
    exitCode: 2,
    fix: expect.stringContaining('prediction'),
  })
  expect(EVENT_TYPES).toHaveLength(new Set(EVENT_TYPES).size)
})

test('a key that changed is critical; that a person trusts one is worth a look, that it is right again good news', async () => {
  for (const [atS, kind] of [
    [90, 'host_key_changed'],
    [60, 'host_key_right_again'],
    [30, 'trust'],
  ] as const)
    await write(atS, { table: 'security_events', rows: [{ kind, detail: null, actor: 'ana' }] })
  await seeded.store.flush()
  const { events } = await ask({ since: '2m', type: 'security' })
  expect(events.map(({ change, severity }) => [change, severity])).toEqual([
    ['host_key_changed', 'critical'],
    ['host_key_right_again', 'info'],
    ['trust', 'warning'],
  ])
})
