import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  listBackups,
  makeBackup,
  openSnapshots,
  openStore,
  planRestore,
  rescue,
  restoreBackup,
  scanTables,
} from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { damage, inTheData } from './damage.ts'
import { appendAll, at, count, runOf, tempDir, tempStore, usage } from './support.ts'

// Each test starts children at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const jobs = openJobRunner()
const NOW = new Date('2026-03-01T03:17:00Z')

const filled = async (messages = 3) => {
  const store = await tempStore()
  const rows = Array.from({ length: messages }, (_, n) => usage(`m${n}`, at(n)))
  await appendAll(store, runOf([{ table: 'agent_usage', rows }]))
  return store
}

const template = mkdtempSync(join(tmpdir(), 'vc-template-'))
afterAll(() => rmSync(template, { recursive: true, force: true }))

/** A closed store with 300 000 rows that do not compress, in which a place is easy to hit; built once, copied for each test. */
beforeAll(async () => {
  const store = await openStore({ dataDir: template, minFreeBytes: 0, now: () => at(0) })
  await appendAll(store, runOf([{ table: 'agent_usage', rows: [0, 1, 2].map((n) => usage(`m${n}`, at(n))) }]))
  await store.close()
  const instance = await DuckDBInstance.create(store.path)
  const connection = await instance.connect()
  await connection.run('CREATE TABLE noise AS SELECT i AS id, sha256(i::VARCHAR) AS word FROM range(300000) r(i)')
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
})

const bigFile = async (): Promise<{ readonly dataDir: string; readonly dbPath: string }> => {
  const dataDir = tempDir()
  const dbPath = join(dataDir, 'vc.duckdb')
  copyFileSync(join(template, 'vc.duckdb'), dbPath)
  return { dataDir, dbPath }
}

describe('a backup', () => {
  const options = { jobs, keep: 7, now: NOW, minFreeBytes: 0 }

  test('is read back before it has its name, and opens as a store', async () => {
    const store = await filled()
    const made = await makeBackup({ store, ...options })
    expect(made.path).toBe(join(store.dataDir, 'backups', 'vc-20260301T031700Z.duckdb'))
    expect(made.tables.find(({ table }) => table === 'agent_usage')?.rows).toBe(3)
    expect(made.tables.length).toBe(store.catalog.size)
    expect(readdirSync(join(store.dataDir, 'backups'))).toEqual(['vc-20260301T031700Z.duckdb'])
    const again = await openStore({ dataDir: tempDir(), dbPath: made.path, minFreeBytes: 0 })
    expect(await count(again, 'agent_usage')).toBe(3)
    await again.close()
  })

  test('keeps the newest N of its own making, never a file of somebody else', async () => {
    const store = await filled()
    const dir = join(store.dataDir, 'backups')
    mkdirSync(dir, { recursive: true })
    for (const day of ['20260101', '20260102', '20260103']) {
      const path = join(dir, `vc-${day}T031700Z.duckdb`)
      writeFileSync(path, 'x')
      utimesSync(path, at(Number(day.slice(-1))), at(Number(day.slice(-1))))
    }
    writeFileSync(join(dir, 'mine.duckdb'), 'x')
    writeFileSync(join(dir, 'vc-20260104T031700Z.duckdb.tmp'), 'cut short')
    const made = await makeBackup({ store, ...options, keep: 2 })
    const left = ['mine.duckdb', 'vc-20260103T031700Z.duckdb', 'vc-20260301T031700Z.duckdb']
    expect(
      readdirSync(dir)
        .sort()
        .filter((name) => left.includes(name)),
    ).toEqual(left)
    expect(made.pruned.map((path) => path.slice(dir.length + 1)).sort()).toEqual([
      'vc-20260101T031700Z.duckdb',
      'vc-20260102T031700Z.duckdb',
      'vc-20260104T031700Z.duckdb.tmp',
    ])
  })

  test('is refused for want of room, and the older ones stay', async () => {
    const store = await filled()
    const lack = makeBackup({ store, ...options, minFreeBytes: 1000, freeBytes: async () => 5000 })
    await expect(lack).rejects.toMatchObject({ code: 'disk_full' })
    expect(await listBackups(store.dataDir)).toEqual([])
  })

  test('makes its folder anew where somebody took it away, and says what lies in its place', async () => {
    const store = await filled()
    const dir = join(store.dataDir, 'backups')
    rmSync(dir, { recursive: true, force: true })
    writeFileSync(dir, 'a file')
    await expect(makeBackup({ store, ...options })).rejects.toMatchObject({
      code: 'backup_failed',
      message: expect.stringContaining(`${dir} is no folder that can be written`),
    })
    rmSync(dir)
    expect((await makeBackup({ store, ...options })).path).toContain(dir)
  })

  test('that lacks a table never gets its name', async () => {
    const store = await filled()
    const catalog = new Map([...store.catalog, ['not_there', [...store.catalog.values()][0]]]) as typeof store.catalog
    const lacking = makeBackup({ store: { ...store, catalog }, ...options })
    await expect(lacking).rejects.toMatchObject({
      code: 'backup_failed',
      message: expect.stringContaining('not_there'),
    })
    expect(readdirSync(join(store.dataDir, 'backups'))).toEqual([])
  })
})

test('a snapshot is shared for two minutes, then made anew, and the old one goes', async () => {
  const store = await filled()
  let now = NOW.getTime()
  const snapshots = openSnapshots({ store, jobs, minFreeBytes: () => 0, now: () => new Date(now) })
  const [first, same] = await Promise.all([snapshots.get(), snapshots.get()])
  expect(same.path).toBe(first.path)
  now += 119_000
  expect(await snapshots.get()).toMatchObject({ path: first.path, ageS: 119 })
  now += 1_000
  const next = await snapshots.get()
  expect([next.path === first.path, next.ageS]).toEqual([false, 0])
  expect((await scanTables(jobs, next.path, { deep: true })).tables.every((table) => table.broken === null)).toBe(true)
  // The clock was set back: of a copy from a time to come nobody knows how old it is.
  now -= 3_600_000
  expect((await snapshots.get()).path).not.toBe(next.path)
  await snapshots.close()
  expect(readdirSync(join(store.dataDir, 'snapshots'))).toEqual([])
})

describe('damage', () => {
  test('of a block is found in its table, the others read', async () => {
    const { dbPath } = await bigFile()
    damage(dbPath, inTheData(dbPath))
    const scan = await scanTables(jobs, dbPath, { deep: true })
    expect(scan.tables.filter((table) => table.broken !== null)).toEqual([
      { table: 'noise', rows: 300_000, broken: expect.stringMatching(/Corrupt database file/) },
    ])
    expect(scan.tables.find(({ table }) => table === 'agent_usage')).toEqual({
      table: 'agent_usage',
      rows: 3,
      broken: null,
    })
  })

  test.each([
    ['the header', (path: string) => damage(path, 4096)],
    ['a cut', (path: string) => truncateSync(path, 5000)],
    ['another file', (path: string) => writeFileSync(path, 'no database '.repeat(1000))],
  ])('by %s keeps it shut; the open says which backup to restore, and the restore works', async (_, break_) => {
    const { dataDir, dbPath } = await bigFile()
    const store = await openStore({ dataDir, minFreeBytes: 0 })
    const { path: backup } = await makeBackup({ store, jobs, keep: 7, now: NOW, minFreeBytes: 0 })
    await store.close()
    break_(dbPath)
    const broken = readFileSync(dbPath)
    await expect(openStore({ dataDir, minFreeBytes: 0 })).rejects.toMatchObject({
      code: 'store_broken',
      fix: expect.stringContaining(`vc db restore ${backup}`),
    })
    await expect(rescue({ jobs, dataDir, dbPath, now: NOW })).rejects.toMatchObject({
      code: 'rescue_failed',
      fix: expect.stringContaining(backup),
    })
    expect(readFileSync(dbPath).equals(broken)).toBe(true)

    expect(await planRestore(jobs, backup, dbPath)).toMatchObject({ presentWhy: 'unreadable', lost: [] })
    const moved = await restoreBackup(backup, dbPath, NOW)
    expect(readFileSync(moved.movedFile ?? '').equals(broken)).toBe(true)
    const again = await openStore({ dataDir, minFreeBytes: 0 })
    expect(await count(again, 'agent_usage')).toBe(3)
    await again.close()
    expect(existsSync(backup)).toBe(true)
  })

  test('of a block: the rescue loses its rows and no others, and the new file is a store', async () => {
    const { dataDir, dbPath } = await bigFile()
    damage(dbPath, inTheData(dbPath))
    const report = await rescue({ jobs, dataDir, dbPath, now: NOW })
    const lossy = report?.tables.filter(({ saved, expected }) => saved !== expected)
    expect(lossy).toEqual([
      { table: 'noise', expected: 300_000, saved: 300_000 - 122_880, why: expect.stringMatching(/Corrupt/) },
    ])
    expect(existsSync(report?.movedFile ?? '')).toBe(true)
    expect(readdirSync(report?.dir ?? '')).toContain('agent_usage.parquet')
    const again = await openStore({ dataDir, minFreeBytes: 0 })
    expect([await count(again, 'agent_usage'), await count(again, 'noise')]).toEqual([3, 300_000 - 122_880])
    const [outcome] = await appendAll(again, runOf([{ table: 'agent_usage', rows: [usage('new', at(9))] }]))
    expect(outcome).toMatchObject({ ok: true, inserted: 1 })
    await again.close()
  })

  test('there is none: the rescue changes nothing', async () => {
    const { dataDir, dbPath } = await bigFile()
    expect(await rescue({ jobs, dataDir, dbPath, now: NOW })).toBeNull()
    expect(readdirSync(dataDir).filter((name) => /damaged|rescue/.test(name))).toEqual([])
  })
})

test('a backup that does not read to its end, or is none, is refused before anything moves', async () => {
  const { dbPath } = await bigFile()
  const other = await bigFile()
  damage(other.dbPath, inTheData(other.dbPath))
  await expect(planRestore(jobs, other.dbPath, dbPath)).rejects.toMatchObject({
    code: 'bad_backup',
    message: expect.stringContaining('table noise'),
  })
  const foreign = join(tempDir(), 'foreign.duckdb')
  const instance = await DuckDBInstance.create(foreign)
  instance.closeSync()
  await expect(planRestore(jobs, foreign, dbPath)).rejects.toMatchObject({
    code: 'bad_backup',
    message: expect.stringContaining('no store of vc'),
  })
  await expect(planRestore(jobs, `${foreign}.nope`, dbPath)).rejects.toMatchObject({ code: 'no_backup' })
})
