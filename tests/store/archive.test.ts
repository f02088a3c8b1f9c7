import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { spanned } from '../../src/store/archive-state.ts'
import {
  type Db,
  gastownMail,
  lastSwarmLook,
  latestScrapes,
  latestSys,
  notableConnections,
  ntmEvents,
  predictionAccuracy,
  predictionCalibration,
  rchBuilds,
  type Store,
} from '../../src/store/index.ts'
import { time } from '../../src/store/sql.ts'
import { ago, NOW, run } from '../queries/seeded-store.ts'
import { count, tempStore } from './support.ts'

const DAY = '2026-11-10'
const secondsAgo = (iso: string): number => (NOW.getTime() - Date.parse(iso)) / 1000
const sys = (uptime_s: number) => ({
  table: 'sys_samples',
  rows: [{ boot_id: 'b', uptime_s, cpu_pct: uptime_s, cpu_decayed: false, partial: false }],
})

/** Ten samples on the tenth, one on the nineteenth. */
const seeded = async (): Promise<Store> => {
  const store = await tempStore({ now: () => NOW })
  const at = [...Array.from({ length: 10 }, (_, i) => `2026-11-10T0${i}:00:00Z`), '2026-11-19T00:00:00Z']
  const waiting = at.map((iso, i) => store.append(run('atlas', 'probe', secondsAgo(iso), [sys(i)])))
  await store.flush()
  await Promise.all(waiting)
  return store
}
const samples = (store: Store): Promise<number> => count(store, 'sys_samples')
const cpuAt = async (store: Store, iso: string) => (await latestSys(store.db, { at: new Date(iso) }))[0]?.cpu_pct

test('a sealed day lies in Parquet, row for row, and nothing is deleted', async () => {
  const store = await seeded()
  const sealed = await store.sealDay('sys_samples', DAY, 'main')
  expect(sealed).toMatchObject({ rows: 10, path: `archive/sys_samples/hub=main/day=${DAY}/part-0.parquet` })
  expect(statSync(join(store.dataDir, sealed?.path ?? '')).size).toBe(sealed?.bytes)
  expect(await samples(store)).toBe(11)
  // Once more is the same day, not another file.
  expect(await store.sealDay('sys_samples', DAY, 'main')).toMatchObject({ rows: 10 })
  expect(await store.sealDay('sys_samples', '2026-11-11', 'main')).toBeNull()
})

test('after its rows left the live file the past is answered from the archive as before', async () => {
  const store = await seeded()
  const before = await cpuAt(store, '2026-11-10T04:30:00Z')
  for (const table of ['sys_samples', 'scrapes']) {
    await store.sealDay(table, DAY, 'main')
    expect(await store.dropDay(table, DAY)).toBe(10)
  }
  expect(await samples(store)).toBe(1)
  expect(before).toBe(4)
  expect(await cpuAt(store, '2026-11-10T04:30:00Z')).toBe(4)
  expect(await latestScrapes(store.db, { at: new Date('2026-11-10T04:30:00Z') })).toMatchObject([
    { collected_at: '2026-11-10T04:00:00.000Z', last_ok_at: '2026-11-10T04:00:00.000Z', consecutive_failures: 0 },
  ])
  expect(await cpuAt(store, '2026-11-19T01:00:00Z')).toBe(10)
})

test('questions about a span read live rows and files together', async () => {
  const store = await seeded()
  const span = { since: new Date('2026-11-10T03:30:00Z'), until: new Date('2026-11-19T12:00:00Z') }
  const looks = async () => {
    const from = spanned(store.db, 'scrapes', 'collected_at', span)
    const bounds = `collected_at BETWEEN ${time(span.since)} AND ${time(span.until)}`
    return store.db.rows(`SELECT collected_at FROM ${from} WHERE ${bounds} ORDER BY collected_at`)
  }
  const before = await looks()
  for (const table of ['sys_samples', 'scrapes']) {
    await store.sealDay(table, DAY, 'main')
    await store.dropDay(table, DAY)
  }
  expect(before).toHaveLength(7)
  expect(await looks()).toEqual(before)
})

test('rows of a day that was moved out are refused and counted, the rest of the run stays', async () => {
  const store = await seeded()
  await store.sealDay('sys_samples', DAY, 'main')
  await store.dropDay('sys_samples', DAY)
  const waiting = store.append(run('atlas', 'probe', secondsAgo('2026-11-10T05:00:00Z'), [sys(5)]))
  await store.flush()
  expect(await waiting).toMatchObject({ ok: true, inserted: 0 })
  expect(await samples(store)).toBe(1)
  expect(await store.db.rows('SELECT late_refused FROM archive_seals')).toEqual([{ late_refused: 1 }])
})

test('what was archived is still known after the store was opened anew', async () => {
  const store = await seeded()
  await store.sealDay('sys_samples', DAY, 'main')
  await store.dropDay('sys_samples', DAY)
  await store.close()
  const again = await tempStore({ dataDir: store.dataDir, now: () => NOW })
  expect(await cpuAt(again, '2026-11-10T04:30:00Z')).toBe(4)
  await expect(again.sealDay('sys_samples', DAY, 'main')).rejects.toMatchObject({ code: 'already_archived' })
})

test('a file that was changed, or a row that came after, stops the deletion and nothing is lost', async () => {
  const store = await seeded()
  const path = join(store.dataDir, (await store.sealDay('sys_samples', DAY, 'main'))?.path ?? '')
  const late = store.append(run('atlas', 'probe', secondsAgo('2026-11-10T11:00:00Z'), [sys(99)]))
  await store.flush()
  await late
  await expect(store.dropDay('sys_samples', DAY)).rejects.toMatchObject({ code: 'archive_differs' })
  await store.sealDay('sys_samples', DAY, 'main')
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, bytes.length - 40))
  await expect(store.dropDay('sys_samples', DAY)).rejects.toThrow()
  expect(await samples(store)).toBe(12)
})

test.each([
  ['a day that may still get rows', 'sys_samples', ago(86_400).toISOString().slice(0, 10), 'day_open'],
  ['the ledger', 'agent_usage', DAY, 'not_archived'],
  ['no table', 'nope', DAY, 'not_archived'],
])('%s is not sealed', async (_name, table, day, code) => {
  const store = await seeded()
  await expect(store.sealDay(table, day, 'main')).rejects.toMatchObject({ code })
})

test('what was not sealed, and changes of pictures, are not deleted', async () => {
  const store = await seeded()
  await expect(store.dropDay('sys_samples', DAY)).rejects.toMatchObject({ code: 'not_sealed' })
  await expect(store.dropDay('repo_status_snapshots', DAY)).rejects.toMatchObject({ code: 'not_deleted' })
  await expect(store.sealDay('sys_samples', DAY, '../x')).rejects.toMatchObject({ code: 'bad_name' })
})

test('buckets of days that only the archive holds stay when the clock was wrong for a moment', async () => {
  let nowMs = NOW.getTime()
  const seeding = await seeded()
  await seeding.sealDay('sys_samples', DAY, 'main')
  await seeding.dropDay('sys_samples', DAY)
  await seeding.close()
  const store = await tempStore({ dataDir: seeding.dataDir, now: () => new Date(nowMs) })
  const hours = async () =>
    (await store.db.rows<{ n: number }>(`SELECT count(*) AS n FROM sys_1h WHERE bucket_at < TIMESTAMP '2026-11-11'`))[0]
      ?.n
  const early = '2026-01-01T00:00:00Z'
  const look = async (...isos: readonly string[]) => {
    const waiting = isos.map((iso, i) => store.append(run(`m${i}`, 'probe', secondsAgo(iso), [sys(1)])))
    const own = isos.map((iso) => store.append(run('atlas', 'probe', secondsAgo(iso), [sys(1)])))
    await store.flush()
    expect((await Promise.all([...waiting, ...own])).every(({ ok }) => ok)).toBe(true)
  }
  expect(await hours()).toBe(10)
  // Set right between two commits whose buckets are rebuilt together, and within one commit.
  nowMs = Date.parse(early)
  await look(early)
  nowMs = NOW.getTime()
  await look(NOW.toISOString())
  expect(await hours()).toBe(12)
  await look('2026-01-01T01:00:00Z', '2026-11-20T11:00:00Z')
  expect(await hours()).toBe(14)
})

test.each([
  ['gone', 'is not there', (path: string) => rmSync(path)],
  ['cut short', 'does not read', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 100))],
  ['something else', 'does not read', (path: string) => writeFileSync(path, 'x'.repeat(4000))],
])('a file of the archive that is %s is named, and only who asks about it is told', async (_name, says, harm) => {
  const store = await seeded()
  const path = join(store.dataDir, (await store.sealDay('sys_samples', DAY, 'main'))?.path ?? '')
  await store.dropDay('sys_samples', DAY)
  harm(path)
  await expect(cpuAt(store, '2026-11-10T04:30:00Z')).rejects.toMatchObject({
    code: 'archive_unreadable',
    message: expect.stringContaining(`${path} ${says}`),
    fix: expect.stringContaining('put it back'),
  })
  expect(await cpuAt(store, '2026-11-19T01:00:00Z')).toBe(10)
})

// A row with something in each column that must have it, at a moment of the day that is moved out.
const anyRow = (store: Store, table: string, more: Readonly<Record<string, unknown>>): Row => {
  const at = new Date(`${DAY}T06:00:00Z`)
  const some = (type: string) =>
    type === 'TIMESTAMP' ? at : type === 'VARCHAR' ? 'x' : type === 'BOOLEAN' ? false : type === 'BIGINT' ? 1n : 1
  const own = ['collected_at', 'machine_id', 'source', 'source_version', 'schema_version']
  const columns = store.catalog.get(table)?.columns.filter((column) => !column.nullable && !own.includes(column.name))
  return { ...Object.fromEntries(columns?.map(({ name, type }) => [name, some(type)]) ?? []), ...more } as Row
}
const FROM_TO = { since: new Date('2026-11-09T00:00:00Z'), until: new Date('2026-11-15T00:00:00Z') }
const FEED = { since: FROM_TO.since, at: FROM_TO.until, limit: 10 }

test.each([
  ['ntm_events', {}, (db: Db) => ntmEvents(db, FEED)],
  ['gastown_mail', {}, (db: Db) => gastownMail(db, FEED)],
  ['rch_builds', {}, (db: Db) => rchBuilds(db, FEED)],
  ['rano_events', { event: 'connect', alert: true }, (db: Db) => notableConnections(db, { ...FROM_TO, limit: 10 })],
  [
    'rano_events',
    { event: 'connect', alert: true },
    (db: Db) => notableConnections(db, { ...FROM_TO, limit: 10, by: 'seen' }),
  ],
  ['prediction_scores', { outcome: 'came', probability: 0.5 }, (db: Db) => predictionAccuracy(db, FROM_TO)],
  ['prediction_scores', { outcome: 'came', probability: 0.5 }, (db: Db) => predictionCalibration(db, FROM_TO)],
  ['swarm_looks', { kind: 'dna' }, async (db: Db) => [await lastSwarmLook(db, { kind: 'dna', until: FROM_TO.until })]],
] as const)('what is asked of %s is answered across both', async (table, more, ask) => {
  const store = await tempStore({ now: () => NOW })
  const run_ = run('atlas', 'any', secondsAgo(`${DAY}T06:00:00Z`), [{ table, rows: [anyRow(store, table, more)] }])
  const appended = store.append(run_)
  await store.flush()
  expect(await appended).toMatchObject({ ok: true, inserted: 1 })
  const before = await ask(store.db)
  expect(before).toEqual([expect.any(Object)])
  await store.sealDay(table, DAY, 'main')
  await store.dropDay(table, DAY)
  expect(await ask(store.db)).toEqual(before)
})
