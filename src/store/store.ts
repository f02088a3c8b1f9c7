import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { K, silentLog } from '../core/log.ts'
import { oneAfterTheOther } from '../core/one-after-the-other.ts'
import { packageFile } from '../core/own-files.ts'
import type { AppendOutcome, ScrapeRun } from '../core/rows.ts'
import { dropDay, readArchive, type Sealed, sealDay } from './archive.ts'
import { countLate, withoutLate } from './archive-late.ts'
import { type ArchiveState, setArchive } from './archive-state.ts'
import { type Catalog, readCatalog } from './catalog.ts'
import { copyDatabase } from './copy-database.ts'
import { copyPresent } from './copy-present.ts'
import { type Db, openDb } from './db.ts'
import { DB_THREADS } from './db-threads.ts'
import { type Engine, openEngine } from './engine.ts'
import { forgetDialogs } from './forget-dialogs.ts'
import { undoHalfReplaced } from './half-replaced.ts'
import { type HeldRows, holdRows, setHeld } from './held-rows.ts'
import { acquireLock, type LockWait, type StoreLock } from './lock.ts'
import { firstMigratedAt, type Migration, migrate, readMigrations } from './migrate.ts'
import { ofNewer } from './newer.ts'
import { type OwnChange, ownRun } from './own-run.ts'
import { awayFromPlace } from './place.ts'
import { openReadMemory } from './read-memory.ts'
import { reviver } from './revive.ts'
import { freeBytesAt, fullAfterAll, lackOfSpace } from './space.ts'
import { type AppendHow, openWriter } from './writer.ts'

export const DB_FILE = 'vc.duckdb'
export const MIGRATIONS_DIR = fileURLToPath(packageFile('migrations'))

export interface StoreOptions {
  /** Folder of the file, its lock, archive, backups and temporary files; created with mode 0700. */
  readonly dataDir: string
  /** Default `<dataDir>/vc.duckdb`. */
  readonly dbPath?: string
  readonly memoryLimitMb?: number
  readonly threads?: number
  readonly maxTempMb?: number
  /** How long the log may grow before a commit waits for all of it to be written back into the file. */
  readonly logMb?: number
  readonly log?: Log
  readonly now?: () => Date
  /** The lock, when the caller took it already and will release it. */
  readonly lock?: StoreLock
  /** How long to wait for another owner; default not at all. */
  readonly lockWait?: LockWait
  readonly migrations?: readonly Migration[]
  readonly programVersion?: string
  /** Told when the schema of a new file is being made: this thread has nothing to do for a moment. */
  readonly onMaking?: () => void
  readonly groupWindowMs?: number
  /** How long a run without facts may wait for others; default 10 s. */
  readonly patienceMs?: number
  readonly queryTimeoutMs?: number
  /** Writing stops below this much free disk space; a function where it may change meanwhile. */
  readonly minFreeBytes?: number | (() => number)
  readonly freeBytes?: () => Promise<number>
  /** DuckDB died and did not open again, or died twice over one group of runs: the owner should say so, or end. */
  readonly onBroken?: (error: unknown) => void
}

export interface Store {
  readonly path: string
  readonly dataDir: string
  readonly catalog: Catalog
  /** When the file was first made, wherever it has been since; null: nobody wrote it down. */
  readonly begunAt: Date | null
  readonly db: Db
  /** The same for what somebody waits for: its questions go before those of `db`. */
  readonly answers: Db
  /** Resolves when the run is committed or refused; a refusal is an outcome, not an error. */
  append(run: ScrapeRun, how?: AppendHow): Promise<AppendOutcome>
  write(change: OwnChange): Promise<AppendOutcome>
  /** Rows that found no room, in place of those held before: every question sees them as if they were written. */
  hold(changes: readonly OwnChange[]): Promise<void>
  /** Commits what waits, now. */
  flush(): Promise<void>
  /** Nobody else is coming: what waits and what comes commits at once, until what it returns is called. */
  hurry(): () => void
  /** Brings rollups up to date with their samples. */
  roll(): Promise<void>
  /** Forgets the text of dialogs last seen more than 24 h ago. Returns how many. */
  vacuumDialogs(): Promise<number>
  /** Writes a closed day of a table to Parquet and reads it back; null: that day has no rows. */
  sealDay(table: string, day: string, hub: string): Promise<Sealed | null>
  /** Removes the live rows of a sealed day, compared with its file once more. Returns how many. */
  dropDay(table: string, day: string): Promise<number>
  /** A consistent copy of the whole file, into `backups/` or `snapshots/`; `name` without a path. Returns its path. */
  copyTo(folder: 'backups' | 'snapshots', name: string): Promise<string>
  /** A small database of what is now, in the folder for scratch files; returns its path. */
  copyPresent(name: string, since: Date): Promise<string>
  /** Commits what waits, writes the log back into the file and lets go of it. */
  close(): Promise<void>
}

/** Below this not even an alert is written: a checkpoint that fails would take the reading side with it. */
const URGENT_FREE_BYTES = 32 * 1024 * 1024
const MIN_FREE_BYTES = 256 * 1024 * 1024

export const openStore = async (options: StoreOptions): Promise<Store> => {
  const log = options.log ?? silentLog
  const now = options.now ?? (() => new Date())
  const lock = options.lock ?? (await acquireLock(options.dataDir, options.lockWait))
  const letGo = async (): Promise<void> => {
    if (!options.lock) await lock.release()
  }
  try {
    return await build(options, log, now, lock, letGo)
  } catch (error) {
    await letGo()
    throw error
  }
}

/** Two spellings of one path must meet as one. */
const resolvePath = async (options: StoreOptions): Promise<string> => {
  const path = options.dbPath ?? join(options.dataDir, DB_FILE)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const spelled = join(await realpath(dirname(path)), basename(path))
  // The engine keeps the log beside the file that a link names.
  return realpath(spelled).catch(() => spelled)
}

const build = async (
  options: StoreOptions,
  log: Log,
  now: () => Date,
  lock: StoreLock,
  letGo: () => Promise<void>,
): Promise<Store> => {
  const dataDir = await realpath(options.dataDir)
  const path = await resolvePath(options)
  await undoHalfReplaced(dataDir, path)
  const engine = await openEngine({
    dataDir,
    dbPath: path,
    memoryLimitMb: options.memoryLimitMb ?? 192,
    threads: options.threads ?? DB_THREADS,
    maxTempMb: options.maxTempMb ?? 2048,
    ...(options.logMb === undefined ? {} : { logMb: options.logMb }),
  })
  try {
    const known = options.migrations ?? (await readMigrations(MIGRATIONS_DIR))
    const { programVersion = 'unknown', onMaking } = options
    const by = { programVersion, now: now(), ...(onMaking ? { onMaking } : {}) }
    const applied = await migrate(engine.writer, known, by).catch(async (error: unknown) => {
      throw await ofNewer(error, engine.writer, { known: known.length, dataDir, path })
    })
    if (applied.length > 0) log.info({ versions: applied }, 'the database was brought forward')
    const catalog = await readCatalog(engine.writer)
    const archive: ArchiveState = catalog.has('archive_seals')
      ? await readArchive(engine, dataDir)
      : { dataDir, days: new Map() }
    const begunAt = await firstMigratedAt(engine.writer)
    return assemble({ options, log, now, lock, letGo, dataDir, path, engine, catalog, archive, begunAt })
  } catch (error) {
    engine.close()
    throw error
  }
}

type Tail<All extends readonly unknown[]> = All extends readonly [unknown, ...infer Rest] ? Rest : never

interface Parts {
  readonly options: StoreOptions
  readonly log: Log
  readonly now: () => Date
  readonly lock: StoreLock
  readonly letGo: () => Promise<void>
  readonly dataDir: string
  readonly path: string
  readonly engine: Engine
  readonly catalog: Catalog
  readonly archive: ArchiveState
  readonly begunAt: Date | null
}

const assemble = (parts: Parts): Store => {
  const { options, engine, catalog, dataDir, path, log, archive } = parts
  const exclusive = oneAfterTheOther()
  const copying = oneAfterTheOther()
  const revive = reviver({ engine, log, onBroken: (error) => options.onBroken?.(error) })
  const freeBytes = options.freeBytes ?? (() => freeBytesAt(dataDir))
  const { minFreeBytes = MIN_FREE_BYTES } = options
  const keptFree = typeof minFreeBytes === 'number' ? () => minFreeBytes : minFreeBytes
  const away = (): Promise<string | null> => awayFromPlace(path, parts.lock)
  const memory = openReadMemory()
  const writer = openWriter({
    engine,
    catalog,
    log,
    now: parts.now,
    windowMs: options.groupWindowMs ?? 500,
    patienceMs: options.patienceMs ?? 10_000,
    lackOfSpace: async () => (await away()) ?? lackOfSpace(freeBytes, keptFree()),
    lackForUrgent: async () => (await away()) ?? lackOfSpace(freeBytes, Math.min(keptFree(), URGENT_FREE_BYTES)),
    fullAfterAll: (error) => fullAfterAll(error, freeBytes, keptFree()),
    revive,
    onBroken: (error) => options.onBroken?.(error),
    onChanged: memory.touch,
    exclusive,
  })
  const reading = openDb({
    timeoutMs: options.queryTimeoutMs ?? 10_000,
    engine,
    revive: (error, generation) => exclusive(() => revive(error, generation)),
    memory,
    roll: writer.roll,
  })
  const held: HeldRows = new Map()
  for (const { rows } of [reading.db, reading.answers]) {
    setArchive(rows, archive)
    setHeld(rows, held)
  }
  const archiving = { engine, catalog, dataDir, state: archive }
  const append = (given: ScrapeRun, ...how: Tail<Parameters<typeof writer.append>>): Promise<AppendOutcome> => {
    const { run, refused } = withoutLate(given, archive)
    if (refused.size > 0) {
      log.warn({ [K.machine]: run.machineId, [K.collector]: run.collector }, 'rows of archived days came late; refused')
      void exclusive(() => countLate(engine, refused)).catch(() => undefined)
    }
    return noted(run, writer.append(run, ...how))
  }
  // What failed may have reached the file all the same.
  const noted = async (run: ScrapeRun, wait: Promise<AppendOutcome>): Promise<AppendOutcome> => {
    const outcome = await wait
    if (!outcome.ok) memory.touch(['scrapes', ...run.batches.map((batch) => batch.table)])
    return outcome
  }
  const vacuumDialogs = (): Promise<number> =>
    exclusive(() => forgetDialogs(engine, parts.now())).finally(() => memory.touch(['pending_dialogs']))
  const copyTo = async (folder: 'backups' | 'snapshots', name: string): Promise<string> => {
    await writer.roll()
    return exclusive(() => copyDatabase(engine, dataDir, folder, name))
  }
  const closeAll = async (): Promise<void> => {
    await writer.close()
    await reading.close()
    await copying(async () => undefined)
    await exclusive(() => letGoOfFile(engine, log))
    await parts.letGo()
  }
  let closing: Promise<void> | null = null
  return {
    path,
    dataDir,
    catalog,
    begunAt: parts.begunAt,
    db: reading.db,
    answers: reading.answers,
    append: (run, how) => append(run, true, how),
    write(change) {
      const { urgent = false, soon = false } = change
      const outcome = append(ownRun(change), false, { urgent, soon })
      if (change.awaited) void writer.flush()
      return outcome
    },
    hold: (changes) => holdRows(held, catalog, changes),
    flush: () => writer.flush(),
    hurry: () => writer.hurry(),
    roll: () => writer.roll(),
    vacuumDialogs,
    sealDay: (table, day, hub) =>
      exclusive(() => sealDay(archiving, table, day, hub, parts.now())).finally(() => memory.touch(['archive_seals'])),
    dropDay: (table, day) =>
      exclusive(() => dropDay(archiving, table, day, parts.now())).finally(() =>
        memory.touch([table, 'archive_seals']),
      ),
    copyTo,
    async copyPresent(name, since) {
      await writer.roll()
      return copying(() => copyPresent(engine, dataDir, name, since))
    },
    close: () => {
      closing ??= closeAll()
      return closing
    },
  }
}

const letGoOfFile = async (engine: Engine, log: Log): Promise<void> => {
  try {
    await engine.writer.run('CHECKPOINT')
  } catch (error) {
    // The log beside the file holds everything; the next start reads it.
    log.warn({ [K.detail]: messageOf(error) }, 'the log was not written back into the file')
  }
  engine.close()
}
