// What whoever owns the store begins before the rest of the program is read: opening the file takes as long as reading it.
import { ensurePaths, type LoadedConfig } from './config/index.ts'
import type { Log } from './core/log.ts'
import { codeFolders, ownModule } from './core/own-files.ts'
import { type OwnerStore, openOwnerStore } from './daemon/owner-store.ts'
import { buildOf } from './transport/own-build.ts'
import { WorkerPool } from './transport/workers/pool.ts'

export interface OpeningOptions {
  readonly loaded: LoadedConfig
  readonly version: string
  readonly log: Log
  readonly demo: boolean
  readonly forOneLook?: boolean
  /** Told with the pid of whoever has the file and is waited for. */
  readonly onWait?: (pid: number) => void
}

export interface Opening {
  readonly store: OwnerStore
  readonly workers: WorkerPool
  /** The code this process runs: what an update puts in its place later does not run here. */
  readonly build: Promise<string | null>
}

/** Begins to open the store and starts the thread that reads transcripts; nothing of it is waited for here. */
export const beginOpening = ({ loaded, version, log, demo, forOneLook = false, onWait }: OpeningOptions): Opening => {
  ensurePaths(loaded.paths, process.getuid?.() ?? 0)
  const store = openOwnerStore({ loaded, version, log, forOneLook, ...(onWait ? { onWait } : {}) })
  const build = buildOf(codeFolders())
  const workers = new WorkerPool({ size: 2, build, stepsBack: forOneLook })
  if (!demo) workers.warm(ownModule('collectors/claude/scan-job'))
  return { store, workers, build }
}
