import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test, vi } from 'vitest'
import type { JobRunner } from '../../src/core/job-runner.ts'
import { openStore, rescue, scanTables } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { damage, leaveLog } from './damage.ts'
import { count, tempDir } from './support.ts'

// Each test starts children at the lowest priority, which a busy machine lets wait.
vi.setConfig({ testTimeout: 120_000 })

const jobs = openJobRunner()
const NOW = new Date('2026-03-01T03:17:00Z')
const STAMP = '20260301T031700Z'

/** A store with a table of 100 words in the file and 150 more in its log. */
const killed = async () => {
  const dataDir = tempDir()
  const store = await openStore({ dataDir, minFreeBytes: 0 })
  await store.close()
  const instance = await DuckDBInstance.create(store.path)
  const connection = await instance.connect()
  await connection.run("CREATE TABLE words AS SELECT i AS id, 'early' AS word FROM range(100) r(i)")
  connection.closeSync()
  instance.closeSync()
  leaveLog(store.path, 'words')
  return { dataDir, dbPath: store.path, wal: `${store.path}.wal` }
}

const middleOf = (wal: string): number => Math.floor(readFileSync(wal).length / 2)
/** Where the size of the second entry stands: behind the version and the first entry. */
const secondSize = (wal: string): number => 8 + 16 + Number(readFileSync(wal).readBigUInt64LE(8))

const words = async (dataDir: string): Promise<number> => {
  const store = await openStore({ dataDir, minFreeBytes: 0 })
  try {
    return await count(store, 'words')
  } finally {
    await store.close()
  }
}

describe('a log', () => {
  test.each([
    ['garbage from its first byte', (wal: string) => damage(wal, 0)],
    ['nothing but zeros, as a power cut leaves it', (wal: string) => writeFileSync(wal, Buffer.alloc(4096))],
    ['a file of somebody else', (wal: string) => writeFileSync(wal, 'no log at all '.repeat(99))],
    ['an entry whose size is garbage', (wal: string) => damage(wal, secondSize(wal), 8)],
  ])('that is %s is refused, not dropped without a word', async (_, break_) => {
    const { dataDir, dbPath, wal } = await killed()
    break_(wal)
    const broken = readFileSync(wal)
    await expect(openStore({ dataDir, minFreeBytes: 0 })).rejects.toMatchObject({
      code: 'store_broken',
      message: expect.stringMatching(/Corrupt WAL file .* entry at byte position \d+ is none/),
      fix: expect.stringContaining('vc db rescue'),
    })
    await expect(scanTables(jobs, dbPath, { deep: false })).rejects.toMatchObject({ code: 'store_broken' })

    const report = await rescue({ jobs, dataDir, dbPath, now: NOW })
    expect(report).toMatchObject({ walDamaged: true, movedWal: `${wal}.damaged-${STAMP}` })
    expect(readFileSync(report?.movedWal ?? '').equals(broken)).toBe(true)
    expect(await words(dataDir)).toBe(100)
  })

  test.each([
    ['whole', (_wal: string) => undefined, 250],
    ['torn in its last transaction', (wal: string) => truncateSync(wal, readFileSync(wal).length - 20), 200],
    ['torn in its first word', (wal: string) => truncateSync(wal, 3), 100],
    ['empty', (wal: string) => truncateSync(wal, 0), 100],
  ])('that is %s opens as ever', async (_, cut, rows) => {
    const { dataDir, wal } = await killed()
    cut(wal)
    expect(await words(dataDir)).toBe(rows)
  })
})

describe('the rescue from a log that is damaged in the middle', () => {
  test('keeps what stands before the damage, and the whole log beside', async () => {
    const { dataDir, dbPath, wal } = await killed()
    damage(wal, middleOf(wal), 4)
    const report = await rescue({ jobs, dataDir, dbPath, now: NOW })
    expect(report).toMatchObject({ walDamaged: true, movedWal: `${wal}.damaged-${STAMP}` })
    expect(report?.walRead).toBeGreaterThan(0)
    expect(existsSync(report?.movedWal ?? '')).toBe(true)
    expect(readdirSync(report?.dir ?? '').filter((name) => !name.endsWith('.parquet'))).toEqual([])
    expect(await words(dataDir)).toBe(150)
  })

  test('goes behind a link to the file and the log where they lie, for every reader', async () => {
    const { dataDir, dbPath } = await killed()
    const real = join(tempDir(), 'elsewhere.duckdb')
    renameSync(dbPath, real)
    renameSync(`${dbPath}.wal`, `${real}.wal`)
    symlinkSync(real, dbPath)
    const scan = await scanTables(jobs, dbPath, { deep: false })
    expect(scan.tables.find(({ table }) => table === 'words')?.rows).toBe(250)
    damage(`${real}.wal`, 0)
    await expect(openStore({ dataDir, minFreeBytes: 0 })).rejects.toMatchObject({ code: 'store_broken' })
    const report = await rescue({ jobs, dataDir, dbPath, now: NOW })
    expect(report?.movedWal).toBe(`${real}.wal.damaged-${STAMP}`)
    expect(lstatSync(dbPath).isSymbolicLink()).toBe(true)
    expect(await words(dataDir)).toBe(100)
  })

  test('moves nothing when it is stopped in the middle', async () => {
    const { dataDir, dbPath, wal } = await killed()
    damage(wal, middleOf(wal), 4)
    const before = [readFileSync(dbPath), readFileSync(wal)]
    const names = readdirSync(dataDir)
    const stop = new AbortController()
    const stopped = rescue({ jobs, dataDir, dbPath, now: NOW, stop: stop.signal, onTable: () => stop.abort() })
    await expect(stopped).rejects.toMatchObject({
      code: 'rescue_stopped',
      fix: expect.stringContaining('vc db rescue'),
    })
    expect([readFileSync(dbPath), readFileSync(wal)]).toEqual(before)
    expect(readdirSync(dataDir)).toEqual(names)
  })

  test('lets a log lie that nobody proved to be damaged: a scan that was ended says nothing about it', async () => {
    const { dataDir, dbPath, wal } = await killed()
    const impatient: JobRunner = { start: (job) => jobs.start({ ...job, wallMs: 1 }) }
    await expect(rescue({ jobs: impatient, dataDir, dbPath, now: NOW })).rejects.toMatchObject({ code: 'scan_failed' })
    expect(readdirSync(dataDir).filter((name) => /damaged|rescue/.test(name))).toEqual([])
    expect(existsSync(wal)).toBe(true)
    expect(existsSync(join(dataDir, 'vc.duckdb'))).toBe(true)
  })
})
