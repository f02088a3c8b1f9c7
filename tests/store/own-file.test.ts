import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore, restoreBackup } from '../../src/store/index.ts'
import { at, tempDir } from './support.ts'

const mode = (path: string): number => statSync(path).mode & 0o777

const sharedFolder = (): { readonly shared: string; readonly dbPath: string } => {
  const shared = join(tempDir(), 'shared')
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  return { shared, dbPath: join(shared, 'vc.duckdb') }
}

test('a database in a shared folder that others may read is closed to them, the folder stays as it is', async () => {
  const { shared, dbPath } = sharedFolder()
  const options = { dataDir: tempDir(), dbPath, minFreeBytes: 0, now: () => at(0) }
  await (await openStore(options)).close()
  chmodSync(dbPath, 0o644)
  await (await openStore(options)).close()
  expect([mode(dbPath), mode(shared)]).toEqual([0o600, 0o777])
})

test('what is restored from a backup that others may read is closed to them', async () => {
  const { dbPath } = sharedFolder()
  const backup = join(tempDir(), 'backup.duckdb')
  writeFileSync(backup, 'a backup', { mode: 0o644 })
  chmodSync(backup, 0o644)
  await restoreBackup(backup, dbPath, at(0))
  expect(mode(dbPath)).toBe(0o600)
})

test('a file of no bytes is begun; beside a log it is left as it is', async () => {
  const { dbPath } = sharedFolder()
  const options = { dataDir: tempDir(), dbPath, minFreeBytes: 0, now: () => at(0) }
  writeFileSync(dbPath, '')
  await (await openStore(options)).close()
  expect(statSync(dbPath).size).toBeGreaterThan(0)
  writeFileSync(dbPath, '')
  writeFileSync(`${dbPath}.wal`, 'what a file held')
  await expect(openStore(options)).rejects.toMatchObject({ code: 'store_broken' })
  expect(statSync(dbPath).size).toBe(0)
})

test('what a killed owner spilled to the disk goes with the next start, other scratch files stay', async () => {
  const dataDir = tempDir()
  const options = { dataDir, minFreeBytes: 0, now: () => at(0) }
  await (await openStore(options)).close()
  for (const name of ['duckdb_temp_storage_DEFAULT-0.tmp', 'mine']) writeFileSync(join(dataDir, 'tmp', name), '')
  await (await openStore(options)).close()
  expect(readdirSync(join(dataDir, 'tmp')).sort()).toEqual(['lock.room', 'mine'])
})

// Only root can give files away.
test.skipIf(process.getuid?.() !== 0)('what somebody else put in its place is refused, file, log or link', async () => {
  for (const name of ['vc.duckdb', 'vc.duckdb.wal']) {
    const { shared, dbPath } = sharedFolder()
    writeFileSync(join(shared, name), '')
    chownSync(join(shared, name), 12_345, 12_345)
    const opening = openStore({ dataDir: tempDir(), dbPath, minFreeBytes: 0 })
    await expect(opening).rejects.toMatchObject({ code: 'unsafe_file', message: expect.stringContaining('uid 12345') })
  }
  const { dbPath } = sharedFolder()
  symlinkSync(join(tempDir(), 'elsewhere'), dbPath)
  await (await openStore({ dataDir: tempDir(), dbPath, minFreeBytes: 0 })).close()
})
