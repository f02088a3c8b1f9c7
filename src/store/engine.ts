import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import { messageOf, VcError } from '../core/errors.ts'
import { refusalOf } from '../core/refusal.ts'
import { keepRoom } from './lock-room.ts'
import { refuseStrangeLog } from './log-damage.ts'
import { dropEmptyFile, ownFiles, refuseLoneLog } from './own-file.ts'
import { text } from './sql.ts'
import { wayBackOfShut } from './way-back.ts'

export interface EngineOptions {
  readonly dataDir: string
  readonly dbPath: string
  readonly memoryLimitMb: number
  readonly threads: number
  readonly maxTempMb: number
  /** How long the log may grow before a commit writes it back into the file; DuckDB's own 16 MiB where nothing is said. */
  readonly logMb?: number
}

/** The one DuckDB instance of this process, with one writer connection and as many readers as may run at once. */
export interface Engine {
  readonly writer: DuckDBConnection
  readonly readers: readonly DuckDBConnection[]
  /** One more, for work of its own; whoever asked for it closes it. */
  connect(): Promise<DuckDBConnection>
  /** Grows with each reopening: whoever saw an error of an older one needs no further reopening. */
  readonly generation: number
  /** Errors after FATAL refuse even reads; closing and opening again helps at once. */
  reopen(): Promise<void>
  close(): void
}

export const READERS = 2

/** Folders beside the file that SQL of the store itself may touch (COPY, ATTACH). */
export const STORE_DIRS = ['archive', 'tmp', 'backups', 'snapshots'] as const

const opened = new Set<string>()

/** Opens the file once per process; a second open of the same path is refused, because it would lose data silently. */
export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  if (opened.has(options.dbPath)) {
    throw new VcError('store_open', `${options.dbPath} is already open in this process`, 'share the store that is open')
  }
  await ownFiles(options.dbPath)
  await Promise.all(STORE_DIRS.map((dir) => makeFolder(join(options.dataDir, dir))))
  await dropSpill(join(options.dataDir, 'tmp'))
  await keepRoom(options.dataDir)
  opened.add(options.dbPath)
  try {
    await refuseLoneLog(options.dbPath)
    await refuseStrangeLog(options.dbPath)
    await dropEmptyFile(options.dbPath)
    let live = await connectAll(options)
    let generation = 0
    return {
      get writer() {
        return live.writer
      },
      get readers() {
        return live.readers
      },
      get generation() {
        return generation
      },
      connect: () => live.instance.connect(),
      async reopen() {
        closeAll(live)
        live = await connectAll(options)
        generation++
      },
      close() {
        closeAll(live)
        opened.delete(options.dbPath)
      },
    }
  } catch (error) {
    opened.delete(options.dbPath)
    throw await explain(error, options)
  }
}

const makeFolder = async (dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw refusalOf(error, dir) ?? error
  })
}

/** What a killed owner had put on the disk for want of memory: up to two gigabytes, which the engine never takes up again. */
const dropSpill = async (dir: string): Promise<void> => {
  for (const name of await readdir(dir).catch(() => []))
    if (name.startsWith('duckdb_temp_')) await rm(join(dir, name), { force: true }).catch(() => undefined)
}

interface Live {
  readonly instance: DuckDBInstance
  readonly writer: DuckDBConnection
  readonly readers: readonly DuckDBConnection[]
}

/**
 * Of files that are made, copies too; others keep what they were made with. After a start the first row into a table takes
 * a block for each column and another for its nulls: with DuckDB's own 256 KiB and sixty tables that was more than all
 * the memory the database may use. With 32 KiB a file is two fifths bigger.
 */
export const BLOCK_BYTES = 65_536

const connectAll = async (options: EngineOptions): Promise<Live> => {
  const instance = await DuckDBInstance.fromCache(options.dbPath, {
    threads: String(options.threads),
    memory_limit: `${options.memoryLimitMb}MB`,
    temp_directory: join(options.dataDir, 'tmp'),
    max_temp_directory_size: `${options.maxTempMb}MB`,
    // By default the allocator keeps up to 128 MB that a query needed once; a daemon gives it back. Below some 16 MB every
    // look into the past pays for pages it asked for a moment ago: a fifth more time at 2 MB.
    allocator_flush_threshold: '16MB',
    allocator_bulk_deallocation_flush_threshold: '16MB',
    default_block_size: String(BLOCK_BYTES),
    ...(options.logMb === undefined ? {} : { checkpoint_threshold: `${options.logMb}MB` }),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  })
  try {
    const writer = await instance.connect()
    await lockDown(writer, options)
    const readers: DuckDBConnection[] = []
    while (readers.length < READERS) readers.push(await instance.connect())
    return { instance, writer, readers }
  } catch (error) {
    instance.closeSync()
    throw error
  }
}

/** The order matters: allowed folders first, then no outside access, then no setting may change any more. */
const lockDown = async (connection: DuckDBConnection, options: EngineOptions): Promise<void> => {
  const dirs = STORE_DIRS.map((dir) => text(join(options.dataDir, dir))).join(', ')
  await connection.run(`
    SET GLOBAL TimeZone = 'UTC';
    SET GLOBAL allowed_directories = [${dirs}];
    SET GLOBAL enable_external_access = false;
    SET GLOBAL lock_configuration = true`)
}

const closeAll = (live: Live): void => {
  for (const connection of [...live.readers, live.writer]) connection.closeSync()
  live.instance.closeSync()
}

export const isFatal = (error: unknown): boolean =>
  /FATAL Error|database has been invalidated/i.test(error instanceof Error ? error.message : String(error))

const explain = async (error: unknown, options: EngineOptions): Promise<VcError> => {
  const why = messageOf(error)
  // Nobody has that number: the lock is held where this system does not see, or there is none to be had.
  if (/conflicting lock is held in PID 0\b/i.test(why)) {
    return new VcError(
      'no_lock',
      `${options.dbPath} cannot be locked, and no process here has it open: its file system gives no locks, or another host or container has it`,
      'end the vc that has it there, or name a place on a disk of this machine: [vc] data_dir or db_path',
      { cause: error },
    )
  }
  if (/could not set lock|conflicting lock/i.test(why)) {
    return new VcError(
      'store_locked',
      `another process has ${options.dbPath} open: ${why}`,
      'close it, then try again',
      {
        cause: error,
      },
    )
  }
  const refusal = refusalOf(why, options.dbPath)
  if (refusal !== null) return refusal
  return new VcError('store_broken', `${options.dbPath} does not open: ${why}`, await wayBackOfShut(why, options), {
    cause: error,
  })
}
