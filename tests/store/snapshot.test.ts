import { existsSync, mkdirSync, readdirSync, statfsSync, statSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test, vi } from 'vitest'
import { makeBackup, openSnapshots, roomElsewhere, type Store } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { appendAll, at, runOf, tempDir, tempStore, usage } from './support.ts'

vi.setConfig({ testTimeout: 180_000 })

const jobs = openJobRunner()
const snapshotsOf = (store: Store) => openSnapshots({ store, jobs, minFreeBytes: () => 0, now: () => at(0) })

const message = (store: Store, n: number) =>
  appendAll(store, runOf([{ table: 'agent_usage', rows: [usage(`m${n}`, at(n))] }], { startedAt: at(n) }))

const keysIn = async (path: string): Promise<readonly string[]> => {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const found = await connection.runAndReadAll('SELECT message_key FROM agent_usage ORDER BY ALL')
  connection.closeSync()
  instance.closeSync()
  return found.getRows().map(([key]) => String(key))
}

test('a copy for questions holds all that is committed, and takes no turn of the writer', async () => {
  const store = await tempStore()
  await message(store, 0)
  const snapshots = snapshotsOf(store)
  const copied = vi.spyOn(store, 'copyTo')
  const { path } = await snapshots.get()
  await message(store, 1)
  expect(await keysIn(path)).toEqual(['m0'])
  expect(copied).not.toHaveBeenCalled()
  await snapshots.close()
})

test('rows that are committed while a copy is made harm neither the copy nor the store', async () => {
  const store = await tempStore()
  await message(store, 0)
  const snapshots = snapshotsOf(store)
  const making = snapshots.get()
  let written = 0
  const stop = making.then(
    () => true,
    () => true,
  )
  for (let busy = true; busy; busy = (await Promise.race([stop, Promise.resolve(false)])) !== true) {
    written += 1
    await message(store, written)
  }
  const keys = await keysIn((await making).path)
  expect(keys).toContain('m0')
  expect(keys.length).toBeLessThanOrEqual(written + 1)
  expect(await store.db.rows('SELECT count(*) AS n FROM agent_usage')).toEqual([{ n: written + 1 }])
  await snapshots.close()
  expect(readdirSync(join(store.dataDir, 'snapshots'))).toEqual([])
})

test('a file that is written back all the time is copied row by row', async () => {
  const store = await tempStore()
  await message(store, 0)
  const never = {
    start: () => ({
      lines: (async function* () {
        yield '{"done":false}'
      })(),
      ended: Promise.resolve({ end: { is: 'exit' as const, code: 0 }, durationMs: 1, peakRssBytes: 0, stderr: '' }),
      stop: () => undefined,
    }),
  }
  const snapshots = openSnapshots({ store, jobs: never, minFreeBytes: () => 0, now: () => at(0) })
  expect(await keysIn((await snapshots.get()).path)).toEqual(['m0'])
  await snapshots.close()
})

test('a backup takes no turn of the writer either, unless there is no room for two copies', async () => {
  const store = await tempStore()
  await message(store, 0)
  const copied = vi.spyOn(store, 'copyTo')
  const backupAt = (seconds: number, freeBytes: number) =>
    makeBackup({ store, jobs, keep: 7, now: at(seconds), minFreeBytes: 0, freeBytes: async () => freeBytes })
  const first = await backupAt(0, Number.MAX_SAFE_INTEGER)
  expect(copied).not.toHaveBeenCalled()
  expect(await keysIn(first.path)).toEqual(['m0'])
  const second = await backupAt(60, statSync(store.path).size + 1)
  expect(copied).toHaveBeenCalledOnce()
  expect(await keysIn(second.path)).toEqual(['m0'])
  expect(readdirSync(join(store.dataDir, 'backups')).toSorted()).toEqual(
    [first, second].map(({ path }) => basename(path)),
  )
})

test('on a disk so full that collecting pauses a small store can still be asked; none is asked that would pause it', async () => {
  const store = await tempStore()
  await message(store, 0)
  const [MB, { size }] = [1_048_576, statSync(store.path)]
  const askedWith = async (free: number): Promise<string> => {
    const freeBytes = async () => free
    const snapshots = openSnapshots({ store, jobs, minFreeBytes: () => 512 * MB, now: () => at(0), freeBytes })
    const said = await snapshots.get().then(
      () => 'a copy',
      (error: Error) => error.message,
    )
    await snapshots.close()
    return said
  }
  expect(await askedWith(size + 100 * MB)).toBe('a copy')
  expect(await askedWith(size + 513 * MB)).toBe('a copy')
  expect(await askedWith(40 * MB)).toMatch(/^a copy of the store needs 6[45] MB free .*; there are 40 MB$/)
  expect(await askedWith(512 * MB)).toMatch(/needs 51[23] MB free/)
})

test('where there is no room beside the data the copy lies elsewhere, and goes as others do', async () => {
  const store = await tempStore()
  await message(store, 0)
  const place = tempDir()
  let [seconds, room] = [0, true]
  const snapshots = openSnapshots({
    ...{ store, jobs, minFreeBytes: () => 0, now: () => at(seconds), freeBytes: async () => 0 },
    elsewhere: (bytes) => (room ? roomElsewhere(bytes, ['/nowhere', place]) : Promise.resolve(null)),
  })
  const { path } = await snapshots.get()
  expect([path.startsWith(`${place}/vc-copy-`), statSync(dirname(path)).mode & 0o777]).toEqual([true, 0o700])
  expect(await keysIn(path)).toEqual(['m0'])
  await message(store, 1)
  seconds = 150
  expect(await keysIn((await snapshots.get()).path)).toEqual(['m0', 'm1'])
  expect(existsSync(path)).toBe(false)
  seconds = 300
  room = false
  await expect(snapshots.get()).rejects.toMatchObject({
    code: 'disk_full',
    message: expect.stringContaining(store.dataDir),
    fix: expect.stringContaining('TMPDIR; vc status and vc robot answer without a copy'),
  })
  await snapshots.close()
  expect(readdirSync(place)).toEqual([])
})

test('elsewhere is a place that keeps most of its room; what a killed daemon left there long ago goes', async () => {
  const place = tempDir()
  const [old, young, other] = ['vc-copy-Ab3dEf', 'vc-copy-Gh1jKl', 'vc-copy-of-mine'].map((name) => join(place, name))
  for (const dir of [old, young, other]) mkdirSync(String(dir))
  const longAgo = new Date(Date.now() - 3 * 3_600_000)
  for (const dir of [old, other]) utimesSync(String(dir), longAgo, longAgo)
  const { bavail, bsize } = statfsSync(place)
  expect(await roomElsewhere((bavail * bsize) / 3, [place])).toBeNull()
  expect(readdirSync(place).toSorted()).toEqual(['vc-copy-Gh1jKl', 'vc-copy-of-mine'])
})
