import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import type { BackupReport } from '../core/keeper.ts'
import { type BackupFile, fileStamp, logOf, pruneBackups, settleFile, sizeOf } from './backup-files.ts'
import { type FileScan, scanTables } from './backup-tables.ts'
import { isOfEarlier } from './begun-anew.ts'
import { copyByChild } from './snapshot-run.ts'
import { freeBytesAt } from './space.ts'
import type { Store } from './store.ts'

export interface BackupOptions {
  readonly store: Pick<Store, 'copyTo' | 'roll' | 'dataDir' | 'path' | 'catalog' | 'begunAt'>
  readonly jobs: JobRunner
  /** How many stay; the newest always does. */
  readonly keep: number
  readonly now: Date
  /** Left free on the disk besides the copy. */
  readonly minFreeBytes: number
  readonly freeBytes?: () => Promise<number>
}

/**
 * A consistent copy while others write; it gets its name only after a child has opened it and read every block of every
 * table, so that whatever is called a backup is one. Throws `backup_failed`, `disk_full`; the older ones then stay.
 */
export const makeBackup = async (options: BackupOptions): Promise<BackupReport> => {
  const { store, jobs, now } = options
  const startedAt = performance.now()
  await roomFor(options)
  const dir = join(store.dataDir, 'backups')
  await folderAt(dir)
  const name = `vc-${fileStamp(nameTime(now, store.begunAt))}.duckdb`
  const path = join(dir, name)
  if ((await sizeOf(path)) !== null) {
    throw new VcError('backup_exists', `${path} was made this very second`, 'use it, or try again in a second')
  }
  const aside = `${path}.tmp`
  // All that is left of a database that was lost must not go while nobody has noticed.
  const ofEarlier = (backup: BackupFile): boolean => isOfEarlier(backup, store.begunAt)
  await rm(aside, { force: true })
  try {
    await copyRows(options, aside)
    const scan = await scanTables(jobs, aside, { deep: true })
    refuseIncomplete(scan, [...store.catalog.keys()], aside)
    await settleFile(aside, path, dir)
    const tables = scan.tables.map(({ table, rows }) => ({ table, rows: rows ?? 0 }))
    return {
      path,
      bytes: (await sizeOf(path)) ?? 0,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      tables,
      schema: scan.schema,
      pruned: await pruneBackups(store.dataDir, Math.max(1, options.keep), ofEarlier, path),
      durationMs: Math.round(performance.now() - startedAt),
    }
  } finally {
    await rm(aside, { force: true })
    await rm(logOf(aside), { force: true })
  }
}

/**
 * Row by row, by a child that reads a copy of the file: while its owner copies rows nothing is committed, of half a year of
 * a fleet for half a minute. Where there is no room for both files the owner does it.
 */
const copyRows = async (options: BackupOptions, aside: string): Promise<void> => {
  const { store, jobs } = options
  const still = `${aside}.still`
  await store.roll()
  try {
    if ((await hasRoomForTwo(options)) && (await copyByChild(jobs, store.path, still, aside))) return
  } finally {
    for (const left of [still, logOf(still)]) await rm(left, { force: true })
  }
  await store.copyTo('backups', basename(aside))
}

const hasRoomForTwo = async ({ store, minFreeBytes, freeBytes }: BackupOptions): Promise<boolean> => {
  const free = await (freeBytes ?? (() => freeBytesAt(store.dataDir)))()
  return free >= 2 * ((await sizeOf(store.path)) ?? 0) + minFreeBytes
}

const DAY_MS = 86_400_000

/**
 * A clock that was ahead when the database was begun, and was set back since, would date its backups before it, as if they were
 * of another one that was lost: they are dated on the day it was begun, by the time of day.
 */
const nameTime = (now: Date, begunAt: Date | null): Date =>
  begunAt === null || now >= begunAt ? now : new Date(begunAt.getTime() + (now.getTime() % DAY_MS))

/** Whoever cleared up while vc ran took the folder along; no later backup would ever be made. */
const folderAt = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new VcError(
      'backup_failed',
      `${dir} is no folder that can be written (${messageOf(error)})`,
      'move away what lies there, then: vc db backup',
    )
  })
}

/** Where collecting pauses already a copy that goes again in some minutes may take a quarter of what is left, and leaves this much. */
const PASSING_LEAVES_BYTES = 64 * 1_048_576
const passingNeeds = (size: number, free: number, minFreeBytes: number): number =>
  free < minFreeBytes ? Math.min(minFreeBytes, Math.max(3 * size, PASSING_LEAVES_BYTES)) : minFreeBytes

/** The copy is about as big as the file. */
export const roomFor = async ({
  store,
  minFreeBytes,
  freeBytes,
  passing = false,
}: Pick<BackupOptions, 'minFreeBytes' | 'freeBytes'> & {
  readonly store: Pick<Store, 'path' | 'dataDir'>
  /** It is removed again soon. */
  readonly passing?: boolean
}): Promise<void> => {
  const size = await sizeOf(store.path)
  if (size === null)
    throw new VcError(
      'store_moved',
      `${store.path} is gone, so there is no place for a copy of it`,
      'put it back, or begin an empty one: vc daemon stop, then vc daemon --detach',
    )
  const free = await (freeBytes ?? (() => freeBytesAt(store.dataDir)))()
  const need = size + (passing ? passingNeeds(size, free, minFreeBytes) : minFreeBytes)
  if (free >= need) return
  const mb = (bytes: number): string => `${Math.round(bytes / 1_048_576)} MB`
  throw new VcError(
    'disk_full',
    `a copy of the store needs ${mb(need)} free where ${store.dataDir} lies; there are ${mb(free)}`,
    'make room there (du -sh on its folders backups, snapshots), or lower store.min_free_bytes',
  )
}

const refuseIncomplete = (scan: FileScan, expected: readonly string[], path: string): void => {
  const broken = scan.tables.find((table) => table.broken !== null)
  const have = new Set(scan.tables.map(({ table }) => table))
  const missing = expected.filter((table) => !have.has(table))
  if (!broken && missing.length === 0) return
  const why = broken
    ? `table ${broken.table} does not read: ${broken.broken}`
    : `tables are missing: ${missing.join(', ')}`
  throw new VcError(
    'backup_failed',
    `the copy ${path} is no backup: ${why}`,
    'look at the live file: vc daemon stop, then vc db check',
  )
}
