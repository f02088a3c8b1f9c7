// What whoever owns the store begins before the rest of the program is read: opening the file takes as long as reading it.
import { ensurePaths, type LoadedConfig } from './config/index.ts'
import type { Log } from './core/log.ts'
import type { LookWish } from './core/looked.ts'
import { codeFolders, ownModule } from './core/own-files.ts'
import { listAhead } from './daemon/list-ahead.ts'
import type { OwnerStore } from './daemon/owner-store.ts'
import { buildOf } from './transport/own-build.ts'
import { WorkerPool } from './transport/workers/pool.ts'

export interface OpeningOptions {
  readonly loaded: LoadedConfig
  readonly version: string
  readonly log: Log
  readonly demo: boolean
  /** What the one look is to be at, which it is opened for. */
  readonly oneLook?: LookWish
  /** Told with the pid of whoever has the file and is waited for. */
  readonly onWait?: (pid: number) => void
}

export interface Opening {
  readonly store: OwnerStore
  readonly workers: WorkerPool
  /** The code this process runs: what an update puts in its place later does not run here. */
  readonly build: Promise<string | null>
}

/**
 * Starts the threads that read transcripts, which are ready by the time the database is read from the disk, and begins to open
 * the store; nothing of either is waited for here. A look needs both threads at once, a daemon the second one rarely.
 */
export const beginOpening = async (options: OpeningOptions): Promise<Opening> => {
  const { loaded, version, log, demo, oneLook, onWait } = options
  ensurePaths(loaded.paths, process.getuid?.() ?? 0)
  const forOneLook = oneLook !== undefined
  const build = Promise.withResolvers<string | null>()
  const workers = new WorkerPool({ size: 2, build: build.promise, stepsBack: forOneLook })
  if (!demo) workers.warm(ownModule('collectors/claude/scan-job'))
  if (!demo && forOneLook) {
    workers.warm(ownModule('collectors/codex/scan-job'), 2)
    listAhead(workers, loaded.config, oneLook)
  }
  build.resolve(buildOf(codeFolders()))
  const { openOwnerStore } = await import('./daemon/owner-store.ts')
  const store = openOwnerStore({ loaded, version, log, forOneLook, ...(onWait ? { onWait } : {}) })
  return { store, workers, build: build.promise }
}
