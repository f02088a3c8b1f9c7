import { utimesSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { listBackups } from '../../src/store/backup-files.ts'
import { begunAnew, makeBackup } from '../../src/store/index.ts'
import { openJobRunner } from '../../src/transport/jobs.ts'
import { tempStore } from './support.ts'

const BEGUN = new Date('2026-03-10T12:00:00.500Z')
const backupAt = async (store: Awaited<ReturnType<typeof tempStore>>, now: Date, keep = 7) =>
  makeBackup({ store, jobs: openJobRunner(), keep, now, minFreeBytes: 0 })

test('a clock that is set back behind the beginning makes no backup one of a lost database', async () => {
  const store = await tempStore({ now: () => BEGUN })
  const first = await backupAt(store, new Date('2026-03-10T11:04:00Z'))
  const second = await backupAt(store, new Date('2026-03-10T11:05:00Z'))
  expect(first.path).not.toBe(second.path)
  expect(await begunAnew(store)).toBeNull()
})

test('a backup from a time that has not come yet never pushes out the one just made', async () => {
  const store = await tempStore({ now: () => BEGUN })
  const ahead = join(store.dataDir, 'backups', 'vc-20310101T000000Z.duckdb')
  writeFileSync(ahead, '')
  const at = new Date('2031-01-01T00:00:00Z')
  utimesSync(ahead, at, at)
  const made = await backupAt(store, new Date('2026-03-12T00:00:00Z'), 1)
  expect(made.pruned).toEqual([ahead])
  expect((await listBackups(store.dataDir)).map(({ path }) => basename(path))).toEqual([basename(made.path)])
})
