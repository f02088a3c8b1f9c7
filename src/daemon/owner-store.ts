import { existsSync } from 'node:fs'
import type { LoadedConfig } from '../config/index.ts'
import type { Log } from '../core/log.ts'
import { DB_THREADS, openStore, type Store } from '../store/index.ts'

export interface OwnerStorePorts {
  readonly loaded: LoadedConfig
  readonly version: string
  readonly log: Log
  /** Opened for one look: its log is written back into the file at the end. */
  readonly forOneLook?: boolean
  /** Told with the pid of whoever has the file and is waited for. */
  readonly onWait?: (pid: number) => void
}

/** A store that is being opened, while the rest of the program is still read from the disk. */
export interface OwnerStore {
  /** Rejects as `openStore` does; nobody has to listen before the end of the opening. */
  readonly opened: Promise<Store>
  /**
   * From here on the thread may be kept busy for long in one go, as reading the rest of the program does: of a new file, once the
   * database is making its schema; of another, at once. Never rejects.
   */
  readonly underWay: Promise<void>
  /** How much stays free on the disk is said by the configuration in force. */
  follow(loaded: LoadedConfig): void
}

// Commands without a daemon have the file for a moment each: whoever comes to stay lets them finish.
const LOCK_PATIENCE_MS = 8_000

// What is committed is told; writing it back, which a first look makes long, comes when the file is let go of.
const ONE_LOOK_LOG_MB = 64

/** Begins to open the store of a configuration as its owner. */
export const openOwnerStore = ({ loaded, version, log, forOneLook, onWait }: OwnerStorePorts): OwnerStore => {
  const { store: keys } = loaded.config
  let minFreeBytes = keys.min_free_bytes
  const isNew = !existsSync(loaded.paths.dbFile)
  const making = Promise.withResolvers<void>()
  const opened = openStore({
    dataDir: loaded.paths.dataDir,
    dbPath: loaded.paths.dbFile,
    memoryLimitMb: keys.memory_limit_mb ?? (keys.low_resource ? 96 : 192),
    threads: keys.threads ?? DB_THREADS,
    minFreeBytes: () => minFreeBytes,
    ...(forOneLook ? { logMb: ONE_LOOK_LOG_MB } : {}),
    programVersion: version,
    onMaking: making.resolve,
    log,
    lockWait: { patienceMs: LOCK_PATIENCE_MS, ...(onWait ? { onWait } : {}) },
  })
  // Who opened it listens in a moment.
  const settled = opened.then(
    () => undefined,
    () => undefined,
  )
  return {
    opened,
    underWay: isNew ? Promise.race([making.promise, settled]) : Promise.resolve(),
    follow(next) {
      minFreeBytes = next.config.store.min_free_bytes
    },
  }
}
