import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pruneBackups } from '../../src/store/backup-files.ts'
import { isOfEarlier } from '../../src/store/begun-anew.ts'
import { begunAnew, openStore } from '../../src/store/index.ts'
import { tempDir } from './support.ts'

const BEGUN = new Date('2026-03-10T12:00:00.500Z')

const dataDirWith = (...days: readonly number[]): string => {
  const dataDir = tempDir()
  mkdirSync(join(dataDir, 'backups'))
  for (const day of days) {
    const path = join(dataDir, 'backups', `vc-202603${String(day).padStart(2, '0')}T031700Z.duckdb`)
    writeFileSync(path, '')
    const at = new Date(Date.UTC(2026, 2, day, 3, 17))
    utimesSync(path, at, at)
  }
  return dataDir
}

const open = (dataDir: string, now = BEGUN) => openStore({ dataDir, minFreeBytes: 0, now: () => now })

test('a database that is made anew beside backups names the newest and the command that brings it back', async () => {
  const dataDir = dataDirWith(8, 9)
  const store = await open(dataDir)
  expect(await begunAnew(store)).toEqual({
    message: 'the database was begun empty at 2026-03-10T12:00Z; what was known before is in a backup',
    fix: `bring it back: vc daemon stop, then vc db restore ${join(store.dataDir, 'backups', 'vc-20260309T031700Z.duckdb')}; or, to keep to the new one, move the older backups elsewhere`,
  })
  await store.close()
  const later = await open(dataDir, new Date('2026-03-20T00:00:00Z'))
  expect(later.begunAt).toEqual(BEGUN)
  expect((await begunAnew(later))?.fix).toContain('vc-20260309')
  await later.close()
})

test('its own backups are no reason, nor are older ones that were moved away', async () => {
  const dataDir = dataDirWith(9, 11, 12)
  expect((await begunAnew({ dataDir, begunAt: BEGUN }))?.fix).toContain('vc-20260309')
  rmSync(join(dataDir, 'backups', 'vc-20260309T031700Z.duckdb'))
  expect(await begunAnew({ dataDir, begunAt: BEGUN })).toBeNull()
  expect(await begunAnew({ dataDir: tempDir(), begunAt: BEGUN })).toBeNull()
})

test('a backup that was copied since keeps the time of its name', async () => {
  const dataDir = dataDirWith(9)
  utimesSync(join(dataDir, 'backups', 'vc-20260309T031700Z.duckdb'), BEGUN, new Date('2026-03-15T00:00:00Z'))
  expect((await begunAnew({ dataDir, begunAt: BEGUN }))?.fix).toContain('vc-20260309')
})

test('newer backups never push out the last one of what was there before', async () => {
  const dataDir = dataDirWith(7, 8, 9, 11, 12, 13)
  await pruneBackups(dataDir, 2, (backup) => isOfEarlier(backup, BEGUN))
  expect(readdirSync(join(dataDir, 'backups')).map((name) => name.slice(9, 11))).toEqual(['09', '12', '13'])
})
