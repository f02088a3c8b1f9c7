import { messageOf } from '../core/errors.ts'
import type { ChildJob, JobRunner, RunningChild } from '../core/job-runner.ts'
import type { BackupReport, StoreKeeper } from '../core/keeper.ts'
import { K, type Log } from '../core/log.ts'
import { makeBackup, openSnapshots, roomElsewhere, type Store, storeCounts } from '../store/index.ts'

export interface KeeperPorts {
  readonly store: Store
  readonly jobs: JobRunner
  readonly keepBackups: () => number
  readonly minFreeBytes: () => number
  readonly now: () => Date
  readonly log: Log
  /** How each backup ended: null, or why it failed. One that is given up at the end did not fail. */
  readonly onBackup?: (failure: string | null) => void
}

/** Copies of the store, made by the one who owns it: at most one backup and one snapshot at a time. */
export const openKeeper = (ports: KeeperPorts): StoreKeeper & { close(): Promise<void> } => {
  const { store, now, log } = ports
  const children = new Set<RunningChild>()
  const jobs = remembering(ports.jobs, children)
  const snapshots = openSnapshots({ store, jobs, now, minFreeBytes: ports.minFreeBytes, elsewhere: roomElsewhere })
  let backup: Promise<BackupReport> | null = null
  let closing = false

  const makeOne = async (): Promise<BackupReport> => {
    const report = await makeBackup({
      store,
      jobs,
      keep: ports.keepBackups(),
      now: now(),
      minFreeBytes: ports.minFreeBytes(),
    })
    const { path, bytes, durationMs, rows } = report
    log.info({ path, [K.bytes]: bytes, [K.durationMs]: durationMs, [K.rows]: rows }, 'a backup was made and read back')
    return report
  }
  const told = async (made: Promise<BackupReport>): Promise<BackupReport> => {
    try {
      const report = await made
      ports.onBackup?.(null)
      return report
    } catch (error) {
      if (!closing) ports.onBackup?.(messageOf(error))
      throw error
    }
  }
  return {
    snapshot: () => snapshots.get(),
    counts: () => storeCounts(store),
    backup() {
      backup ??= told(makeOne()).finally(() => {
        backup = null
      })
      return backup
    },
    /** A backup that runs is given up: its file has no name yet. Call it before the store closes. */
    async close() {
      closing = true
      for (const child of children) child.stop()
      await backup?.catch(() => undefined)
      await snapshots.close()
    },
  }
}

const remembering = (jobs: JobRunner, children: Set<RunningChild>): JobRunner => ({
  start(job: ChildJob) {
    const child = jobs.start(job)
    children.add(child)
    void child.ended.then(() => children.delete(child))
    return child
  },
})
