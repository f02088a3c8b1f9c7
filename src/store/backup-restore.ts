import { chmod, copyFile, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf, VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import { refusalOf } from '../core/refusal.ts'
import { fileStamp, keepAside, logOf, settleFile, sizeOf, syncPath } from './backup-files.ts'
import { type FileScan, scanTables } from './backup-tables.ts'
import { replacementNames } from './half-replaced.ts'
import { readMigrations } from './migrate.ts'
import { MIGRATIONS_DIR } from './store.ts'

export interface RestorePlan {
  readonly backup: string
  readonly backupScan: FileScan
  /** What the present file holds; null when there is none or it does not open. */
  readonly present: FileScan | null
  readonly presentWhy: 'read' | 'absent' | 'unreadable'
  /** Rows in the present file that the backup does not have, by table; empty when the present cannot be read. */
  readonly lost: readonly { readonly table: string; readonly rows: number }[]
}

/** Reads both files: a backup that does not read to its end is refused before anything is moved. */
export const planRestore = async (jobs: JobRunner, backup: string, dbPath: string): Promise<RestorePlan> => {
  if ((await sizeOf(backup)) === null) {
    throw new VcError(
      'no_backup',
      `there is no file ${backup}`,
      `vc db info lists the backups in ${join(dirname(dbPath), 'backups')}`,
    )
  }
  const backupScan = await readBackup(jobs, backup)
  const there = (await sizeOf(dbPath)) !== null
  const present = there ? await scanTables(jobs, dbPath, { deep: false }).catch(() => null) : null
  const kept = new Map(backupScan.tables.map(({ table, rows }) => [table, rows ?? 0]))
  const lost = (present?.tables ?? []).flatMap(({ table, rows }) => {
    const more = (rows ?? 0) - (kept.get(table) ?? 0)
    return more > 0 ? [{ table, rows: more }] : []
  })
  return { backup, backupScan, present, presentWhy: !there ? 'absent' : present ? 'read' : 'unreadable', lost }
}

const readBackup = async (jobs: JobRunner, backup: string): Promise<FileScan> => {
  const refuse = (why: string): VcError =>
    new VcError(
      'bad_backup',
      `${backup} cannot be restored: ${why}`,
      'take an older one: vc db info lists them; nothing was changed',
    )
  const scan = await scanTables(jobs, backup, { deep: true }).catch((error: unknown) => {
    throw refuse(messageOf(error))
  })
  const broken = scan.tables.find((table) => table.broken !== null)
  if (broken) throw refuse(`table ${broken.table} does not read: ${broken.broken}`)
  if (scan.schema === null) throw refuse('it is no store of vc (it has no schema_migrations)')
  const known = (await readMigrations(MIGRATIONS_DIR)).length
  if (scan.schema > known)
    throw refuse(`it has schema ${scan.schema} and this vc knows ${known}; install the vc that made it`)
  return scan
}

export interface Restored {
  readonly movedFile: string | null
  readonly movedWal: string | null
}

/**
 * Puts a copy of the backup in place of the present file, which is moved aside and never deleted. The caller holds vc's
 * lock. The log moves first: without it the file is merely older, while a log beside another file would be wiped.
 */
export const restoreBackup = async (backup: string, given: string, now: Date): Promise<Restored> => {
  // A link stays one: what it names is replaced, with the log that lies there.
  const dbPath = await realpath(given).catch(() => given)
  const dir = dirname(dbPath)
  const { fresh, aside, logAside } = replacementNames(dbPath, 'restoring', fileStamp(now))
  await rm(fresh, { force: true })
  try {
    await copyFile(backup, fresh)
    await chmod(fresh, 0o600)
    await syncPath(fresh)
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw refusalOf(error, fresh) ?? error
  }
  const movedWal = await move(logOf(dbPath), logAside)
  const movedFile = (await sizeOf(dbPath)) === null ? null : aside
  if (movedFile !== null) await keepAside(dbPath, movedFile)
  await settleFile(fresh, dbPath, dir)
  return { movedFile, movedWal }
}

const move = async (from: string, to: string): Promise<string | null> => {
  if ((await sizeOf(from)) === null) return null
  await rename(from, to)
  return to
}
