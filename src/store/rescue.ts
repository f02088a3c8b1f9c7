import { copyFile, link, mkdir, realpath, rename, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'
import { messageOf, VcError } from '../core/errors.ts'
import type { JobRunner } from '../core/job-runner.ts'
import { ownModule } from '../core/own-files.ts'
import { refusalOf } from '../core/refusal.ts'
import { fileStamp, keepAside, logOf, settleFile, sizeOf, syncPath } from './backup-files.ts'
import { SCAN_LIMITS, scanTables } from './backup-tables.ts'
import { damagedLogName, replacementNames, unfinishedDir } from './half-replaced.ts'
import { copyStart, logPlace } from './log-damage.ts'
import { endText, linesOf } from './query-run.ts'
import { wayBackOfFile } from './way-back.ts'

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
  /** The log could not be replayed to its end: the newest transactions are in it alone. */
  readonly walDamaged: boolean
  /** So many bytes of a damaged log were replayed all the same; null when it was not damaged. */
  readonly walRead: number | null
}

export interface RescueOptions {
  readonly jobs: JobRunner
  readonly dataDir: string
  readonly dbPath: string
  readonly now: Date
  readonly onTable?: (table: RescuedTable) => void
  /** Gives up and leaves everything as it was; too late once the new file is whole. */
  readonly stop?: AbortSignal
}

const Line = z.object({
  saved: z
    .object({ table: z.string(), expected: z.number(), saved: z.number(), why: z.string().nullable() })
    .optional(),
  rebuilt: z.object({ table: z.string(), rows: z.number() }).optional(),
  done: z.boolean().optional(),
})

/**
 * Saves every table that can be read as Parquet, builds a new file from it and puts it in the place of the damaged one,
 * which is moved aside and never deleted. The caller holds vc's lock. Until the new file is whole nothing is moved: whoever
 * is stopped or killed meanwhile leaves all where it lay. Throws `rescue_failed` when the file opens in no way, and
 * `rescue_stopped`. Null when every table reads to its end: there is nothing to rescue.
 */
export const rescue = async (options: RescueOptions): Promise<RescueReport | null> => {
  const { stop, jobs } = options
  const dbPath = await realpath(options.dbPath).catch(() => options.dbPath)
  if (stop === undefined) return saveAndReplace({ ...options, dbPath })
  return saveAndReplace({ ...options, dbPath, jobs: endedBy(jobs, stop) }).catch((error: unknown) => {
    throw stop.aborted ? stopped() : error
  })
}

const stopped = (): VcError =>
  new VcError('rescue_stopped', 'the rescue was stopped: nothing was moved or replaced', 'begin it anew: vc db rescue')

/** Children that end when `stop` comes, and those that are started after it at once. */
const endedBy = (jobs: JobRunner, stop: AbortSignal): JobRunner => ({
  start(job) {
    const child = jobs.start(job)
    if (stop.aborted) child.stop()
    else stop.addEventListener('abort', () => child.stop(), { once: true })
    return child
  },
})

const saveAndReplace = async (options: RescueOptions): Promise<RescueReport | null> => {
  const { dbPath, dataDir, now, stop } = options
  const stamp = fileStamp(now)
  const damage = await lookForDamage(options)
  if (damage === null) return null
  const dir = join(dataDir, `rescue-${stamp}`)
  // By its name whoever comes after a kill knows that nobody needs it.
  const work = unfinishedDir(dir)
  await mkdir(work, { recursive: true, mode: 0o700 })
  const newFile = join(work, basename(dbPath))
  const { fresh, aside, logAside } = replacementNames(dbPath, 'rescued', stamp)
  const source = damage.log === null ? null : join(work, `damaged-${basename(dbPath)}`)
  try {
    const walRead = source === null ? null : await openWithGoodLog(options, damage.log, source)
    const tables = await runChild({ ...options, dbPath: source ?? dbPath }, work, dir, newFile)
    // Beside its place before anything moves: the file may lie on another disk than all else.
    await settleFile(newFile, fresh, dirname(dbPath))
    const movedWal = await moveIfThere(logOf(dbPath), source === null ? logAside : damagedLogName(dbPath, stamp))
    await keepAside(dbPath, aside)
    await rename(fresh, dbPath)
    await syncPath(dirname(dbPath))
    return { dir, tables, movedFile: aside, movedWal, walDamaged: source !== null, walRead }
  } finally {
    // Parquet files stay, also of a rescue that failed later: they are what could be read.
    for (const path of [newFile, fresh, `${fresh}.part`, ...(source === null ? [] : [source])])
      for (const one of [path, logOf(path)]) await rm(one, { force: true })
    await rm(join(work, 'tmp'), { recursive: true, force: true })
    if (stop?.aborted) await rm(work, { recursive: true, force: true })
    else await rmdir(work).catch(() => rename(work, dir))
  }
}

/** What keeps the file shut, or `log: null` where only tables are broken; null when nothing is damaged at all. */
const lookForDamage = async (options: RescueOptions): Promise<{ readonly log: unknown } | null> => {
  const { jobs, dbPath, dataDir } = options
  try {
    const scan = await scanTables(jobs, dbPath, { deep: true })
    return scan.tables.some((table) => table.broken !== null) ? { log: null } : null
  } catch (error) {
    if (!isDamage(error)) throw error
    const refusal = refusalOf(error, dbPath)
    if (refusal !== null) throw refusal
    if ((await sizeOf(logOf(dbPath))) === null) throw await hopeless(error, dbPath, dataDir)
    return { log: error }
  }
}

/** A scan that ran out of time or memory says nothing about the file. */
const isDamage = (error: unknown): boolean => error instanceof VcError && error.code === 'store_broken'

/**
 * The file under a second name, with that part of its log beside it that can be replayed: the engine names the place of the
 * first entry that cannot. Returns how many bytes of the log that are; 0 when the file opens without it only.
 */
const openWithGoodLog = async (options: RescueOptions, first: unknown, source: string): Promise<number> => {
  const { jobs, dbPath, dataDir } = options
  // A second name costs nothing; not every file system has them.
  await link(dbPath, source).catch(() => copyFile(dbPath, source))
  let good = logPlace(first) ?? 0
  for (;;) {
    await copyStart(logOf(dbPath), logOf(source), good)
    try {
      await scanTables(jobs, source, { deep: false })
      return good
    } catch (error) {
      if (!isDamage(error)) throw error
      if (good === 0) throw await hopeless(error, dbPath, dataDir)
      const place = logPlace(error) ?? 0
      good = place < good ? place : 0
    }
  }
}

const hopeless = async (error: unknown, dbPath: string, dataDir: string): Promise<VcError> =>
  new VcError(
    'rescue_failed',
    `nothing can be read of ${dbPath}: ${messageOf(error)}`,
    await wayBackOfFile({ dataDir, dbPath }),
    { cause: error },
  )

const moveIfThere = async (from: string, to: string): Promise<string | null> => {
  if ((await sizeOf(from)) === null) return null
  await rename(from, to)
  await syncPath(join(to, '..'))
  return to
}

const runChild = async (
  options: RescueOptions,
  outDir: string,
  keptIn: string,
  newFile: string,
): Promise<readonly RescuedTable[]> => {
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
  for await (const given of linesOf(child)) {
    const line = Line.parse(given)
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
    `what was saved lies in ${keptIn}; nothing was replaced`,
  )
}
