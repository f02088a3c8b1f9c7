import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
const plan = planOf(['atlas', 'borg', 'coyote'])
const ask = (topic: string, params: AskRequest['params'] = {}, now = NOW) =>
  answer(queries, { topic, params }, { db: seeded.store.db, now, plan })
// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const data = async (params: AskRequest['params'], now = NOW): Promise<any> => (await ask('diff', params, now)).data

beforeAll(async () => {
  seeded = await seededStore()
  const later = { startedAt: new Date(NOW.getTime() + 600_000) }
  const { store } = seeded
  await store.append(
    run('borg', 'probe', 0, [], { ...later, up: false, fault: 'unreachable', detail: 'no route', bytes: 0 }),
  )
  await store.append(
    run('borg', 'probe', 0, [], {
      up: false,
      fault: 'unreachable',
      detail: 'no route',
      bytes: 0,
      startedAt: new Date(NOW.getTime() + 630_000),
    }),
  )
  await store.write({
    machineId: 'atlas',
    source: 'oracle',
    at: new Date(NOW.getTime() + 610_000),
    batches: [
      { table: 'latest_agent_states', rows: [{ agent_id: 'atlas/claude-7k2m', machine_id: 'atlas', state: 'working', reason: null, since: null, until_at: null, rule: 'r', winner_json: '{}', losers_json: '[]', judged_at: NOW }] },
      { table: 'alerts', rows: [{ alert_id: 'disk_low:borg:/data', rule: 'disk_low', machine_id: 'borg', subject: '/data', severity: 'critical', status: 'resolved', title: 'borg /data has 3.0 % free', evidence_json: '{}', since: ago(600), fired_at: ago(600), resolved_at: new Date(NOW.getTime() + 610_000) }] },
    ],
  }) // biome-ignore format: one row per line
  await store.flush()
})
afterAll(() => seeded.close())

const LATER = new Date(NOW.getTime() + 700_000)

test('diff says what became of machines, agents and alerts between two moments', async () => {
  const found = await data({ from: NOW.toISOString() }, LATER)
  expect(found.machines).toContainEqual(
    expect.objectContaining({ machine: 'borg', from: 'online', to: 'offline', change: 'changed' }),
  )
  expect(found.agents).toEqual([
    expect.objectContaining({ agent: 'atlas/claude-7k2m', from: 'needs_approval', to: 'working' }),
  ])
  expect(found.alerts).toMatchObject({ opened: [], resolved: [{ alert: 'disk_low:borg:/data' }], passed: [] })
  expect(found.repos).toEqual([])
})

test('one machine narrows all of it, and the other way round is refused', async () => {
  const atlas = await data({ from: NOW.toISOString(), machine: 'atlas' }, LATER)
  expect(atlas.alerts.resolved).toEqual([])
  expect(atlas.machines.every((m: { machine: string }) => m.machine === 'atlas')).toBe(true)
  await expect(ask('diff', { from: '1h', to: '2h' })).rejects.toMatchObject({ code: 'bad_range' })
})

test('before vc looked there is nothing to compare with', async () => {
  await expect(ask('diff', { from: '2020-01-01' })).rejects.toMatchObject({ code: 'no_history' })
})

test('an answer about the past says so before anything else', async () => {
  const reply = await ask('health', { at: '1s' })
  expect(reply.warnings?.[0]).toMatch(/^past: this is how it was at 2026-11-20 11:59:59 UTC, 1 s ago, not now/)
  expect((await ask('health')).warnings?.[0]).not.toMatch(/^past/)
})

test('a topic of the present refuses the past by name', async () => {
  await expect(ask('doctor', { at: '1h' })).rejects.toMatchObject({
    ...{ code: 'no_history', exitCode: 4, fix: 'leave at out' },
    message: 'doctor cannot be told for that time: this topic looks at the present only',
  })
  // Both of its times are of the past: only `at` is none of them.
  await expect(ask('diff', { at: '1h' })).rejects.toMatchObject({
    ...{ code: 'no_history', exitCode: 4, fix: 'diff --from 2h --to 1h' },
    message: 'diff cannot be told for that time: it is asked from one time to another, not at one',
  })
})

test('events at a moment are those up to it', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
  const all = (await ask('events', { at: NOW.toISOString(), since: '7d' }, LATER)).data as any
  expect(all.events.length).toBeGreaterThan(0)
  expect(all.events.every((e: { ts: string }) => Date.parse(e.ts) <= NOW.getTime())).toBe(true)
})
