import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { messageOf, VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import { ownModule } from '../core/own-files.ts'
import { refusalOf } from '../core/refusal.ts'
import { fileStamp, listBackups, settleFile, sizeOf, syncPath } from './backup-files.ts'
import { SCAN_LIMITS, scanTables } from './backup-tables.ts'
import { childFailure, endText } from './query-run.ts'

export interface RescuedTable {
  readonly table: string
  readonly expected: number
  readonly saved: number
  /** Why rows are missing; null when none are. */
  readonly why: string | null
}

export interface RescueReport {
  /** Parquet files of every table. */
  readonly dir: string
  readonly tables: readonly RescuedTable[]
  /** Where the damaged file and its log are now; null when there was no log to move. */
  readonly movedFile: string
  readonly movedWal: string | null
  /** The log could not be replayed: the newest transactions are in it alone. */
  readonly walDamaged: boolean
}

export interface RescueOptions {
  readonly jobs: JobRunner
  readonly dataDir: string
  readonly dbPath: string
  readonly now: Date
  readonly onTable?: (table: RescuedTable) => void
}

const Line = z.object({
  saved: z
    .object({ table: z.string(), expected: z.number(), saved: z.number(), why: z.string().nullable() })
    .optional(),
  rebuilt: z.object({ table: z.string(), rows: z.number() }).optional(),
  done: z.boolean().optional(),
  error: z.unknown().optional(),
})

/**
 * Saves every table that can be read as Parquet, builds a new file from it and puts it in the place of the damaged one,
 * which is moved aside and never deleted. The caller holds vc's lock. Throws `rescue_failed` when the file opens in no way;
 * everything then lies where it lay. Null when every table reads to its end: there is nothing to rescue.
 */
export const rescue = async (options: RescueOptions): Promise<RescueReport | null> => {
  const { dbPath, dataDir, now } = options
  const stamp = fileStamp(now)
  const damage = await openWithoutWal(options, stamp)
  if (damage === null) return null
  const aside = damage.wal
  const dir = join(dataDir, `rescue-${stamp}`)
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const newFile = join(dir, basename(dbPath))
  try {
    const tables = await runChild(options, dir, newFile)
    const movedFile = `${dbPath}.damaged-${stamp}`
    const movedWal = aside ?? (await moveIfThere(`${dbPath}.wal`, `${movedFile}.wal`))
    await rename(dbPath, movedFile)
    await settleFile(newFile, dbPath, join(dbPath, '..'))
    await rm(join(dir, 'tmp'), { recursive: true, force: true })
    return { dir, tables, movedFile, movedWal, walDamaged: aside !== null }
  } catch (error) {
    if (aside !== null) await rename(aside, `${dbPath}.wal`).catch(() => undefined)
    throw error
  }
}

/**
 * A log that cannot be replayed keeps the file shut: it is moved aside, and back when that did not help. Null when nothing
 * is damaged at all.
 */
const openWithoutWal = async (
  options: RescueOptions,
  stamp: string,
): Promise<{ readonly wal: string | null } | null> => {
  const { jobs, dbPath, dataDir } = options
  try {
    const scan = await scanTables(jobs, dbPath, { deep: true })
    return scan.tables.some((table) => table.broken !== null) ? { wal: null } : null
  } catch (first) {
    const refusal = refusalOf(first, dbPath)
    if (refusal !== null) throw refusal
    const wal = `${dbPath}.wal`
    const aside = await moveIfThere(wal, `${wal}.damaged-${stamp}`)
    if (aside === null) throw await hopeless(first, dbPath, dataDir)
    try {
      await scanTables(jobs, dbPath, { deep: false })
      return { wal: aside }
    } catch (second) {
      await rename(aside, wal)
      throw await hopeless(second, dbPath, dataDir)
    }
  }
}

const hopeless = async (error: unknown, dbPath: string, dataDir: string): Promise<VcError> => {
  const backup = (await listBackups(dataDir))[0]?.path
  const fix = backup
    ? `restore the newest backup: vc db restore ${backup}`
    : `no backup exists; move ${dbPath} away by hand and begin anew: vc collect reads again what the agents still keep`
  return new VcError('rescue_failed', `nothing can be read of ${dbPath}: ${messageOf(error)}`, fix, { cause: error })
}

const moveIfThere = async (from: string, to: string): Promise<string | null> => {
  if ((await sizeOf(from)) === null) return null
  await rename(from, to)
  await syncPath(join(to, '..'))
  return to
}

const runChild = async (options: RescueOptions, outDir: string, newFile: string): Promise<readonly RescuedTable[]> => {
  const { wallMs, memoryMb, maxRssBytes } = SCAN_LIMITS
  const child = options.jobs.start({
    entry: ownModule('store/rescue-child'),
    input: { dbPath: options.dbPath, outDir, newFile, memoryMb },
    wallMs,
    maxRssBytes,
    maxOutputBytes: 16 * 1_048_576,
  })
  const tables: RescuedTable[] = []
  let done = false
  for await (const text of child.lines) {
    const line = Line.parse(JSON.parse(text))
    if (line.error !== undefined) throw childFailure(line.error)
    done = line.done ?? done
    if (line.saved === undefined) continue
    tables.push(line.saved)
    options.onTable?.(line.saved)
  }
  const { end, stderr } = await child.ended
  if (done) return tables
  throw new VcError(
    'rescue_failed',
    `the rescue ended early: ${endText(end, stderr)}`,
    `what was saved lies in ${outDir}; nothing was replaced`,
  )
}
