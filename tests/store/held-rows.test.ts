import { expect, test } from 'vitest'
import {
  activeAlerts,
  alertEvents,
  alertHistory,
  alertsCalled,
  alertTurns,
  firingBySeverity,
  type OwnChange,
  standingAlerts,
  worstAlerts,
} from '../../src/store/index.ts'
import { at, tempStore } from './support.ts'

const alertRow = (id: string, more: Record<string, unknown> = {}) => ({
  alert_id: id,
  rule: 'store_disk_full',
  machine_id: null,
  subject: 'store',
  severity: 'critical',
  status: 'firing',
  title: "the disk's full",
  evidence_json: '{"free_bytes":0}',
  since: at(10),
  fired_at: at(10),
  resolved_at: null,
  acked_at: null,
  silenced_until: null,
  closed_at: null,
  held_ms: 0,
  suppressed_by: null,
  ...more,
})
const change = (seconds: number, ...rows: ReturnType<typeof alertRow>[]): OwnChange => ({
  machineId: 'fleet',
  source: 'oracle.store',
  at: at(seconds),
  urgent: true,
  batches: [{ table: 'alerts', rows }],
})
const firing = change(10, alertRow('full'))
const over = change(20, alertRow('full', { status: 'resolved', resolved_at: at(20) }))

test('a row that waits for room is seen by every question as if it were stored', async () => {
  const store = await tempStore({ groupWindowMs: 1 })
  await store.write(change(5, alertRow('stored', { severity: 'warning' })))
  expect(await activeAlerts(store.answers)).toHaveLength(1)
  await store.hold([firing])
  for (const db of [store.db, store.answers]) {
    expect((await activeAlerts(db)).map((row) => row.alert_id)).toEqual(['full', 'stored'])
    expect((await standingAlerts(db)).map((row) => row.alert_id)).toEqual(['full', 'stored'])
    expect((await worstAlerts(db, { all: false, limit: 9 })).map((row) => row.alert_id)).toEqual(['full', 'stored'])
    expect([...(await firingBySeverity(db))].sort()).toEqual([
      ['critical', 1],
      ['warning', 1],
    ])
    const turns = await alertTurns(db, { since: at(0) })
    expect(turns.map((row) => [row.event_at, row.alert_id, row.status])).toEqual([
      [at(10).toISOString(), 'full', 'firing'],
      [at(5).toISOString(), 'stored', 'firing'],
    ])
    expect((await worstAlerts(db, { at: at(9), all: false, limit: 9 })).map((row) => row.alert_id)).toEqual(['stored'])
    expect((await activeAlerts(db, { at: at(11) })).map((row) => row.alert_id)).toEqual(['full', 'stored'])
  }
})

test('it looks the same held and stored, and is told once while it becomes the other', async () => {
  const store = await tempStore({ groupWindowMs: 1 })
  await store.write(change(5, alertRow('other')))
  const looks = async () => ({
    row: (await alertsCalled(store.db, { id: 'full' })).worst,
    history: await alertHistory(store.db, { since: at(0), until: at(60), alertId: 'full', limit: 9 }),
    turns: await alertTurns(store.db, { since: at(0) }),
  })
  await store.hold([firing, over])
  const held = await looks()
  expect(held.row).toMatchObject([{ status: 'resolved', title: "the disk's full", resolved_at: at(20).toISOString() }])
  expect(held.history.map((row) => [row.event_at, row.status])).toEqual([
    [at(20).toISOString(), 'resolved'],
    [at(10).toISOString(), 'firing'],
  ])
  await store.write(firing)
  expect(await looks()).toEqual(held)
  await store.write(over)
  expect(await looks()).toEqual(held)
  await store.hold([])
  expect(await looks()).toEqual(held)
  expect(await alertEvents(store.db, { since: at(0) })).toHaveLength(3)
})

test('what is let go without being stored leaves nothing behind', async () => {
  const store = await tempStore({ groupWindowMs: 1 })
  await store.hold([firing])
  await store.hold([])
  expect(await activeAlerts(store.db)).toEqual([])
  expect(await alertEvents(store.db, { since: at(0) })).toEqual([])
})
