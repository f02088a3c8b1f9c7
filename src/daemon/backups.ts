import { schedule } from 'node-cron'
import { messageOf } from '../core/errors.ts'
import type { StoreKeeper } from '../core/keeper.ts'
import { K, type Log } from '../core/log.ts'
import { NIGHTLY } from './nightly.ts'

export interface BackupClock {
  readonly keeper: Pick<StoreKeeper, 'backup'>
  /** When the newest backup was made; null without any. */
  readonly newest: () => Promise<Date | null>
  readonly now: () => Date
  readonly log: Log
  /** Tells when to look whether one is missing; the daemon's first minutes belong to collecting. */
  readonly firstLookMs?: number
}

/** Every night at 03:17 UTC. */
export const BACKUP_CRON = '17 3 * * *'
const DAY_MS = 86_400_000
const FIRST_LOOK_MS = 300_000

export const backupIsDue = (newest: Date | null, now: Date): boolean =>
  newest === null || now.getTime() - newest.getTime() > DAY_MS

/** Daily backups of a daemon: at night, or when a machine wakes that slept then, and soon after a start that finds none of the last day. */
export const startBackups = (clock: BackupClock): { stop(): Promise<void> } => {
  let running: Promise<void> = Promise.resolve()
  const run = (): Promise<void> => {
    running = running.then(async () => {
      try {
        await clock.keeper.backup()
      } catch (error) {
        clock.log.error({ [K.detail]: messageOf(error) }, 'the daily backup failed; the older ones stay')
      }
    })
    return running
  }
  const task = schedule(BACKUP_CRON, run, NIGHTLY)
  const look = setTimeout(async () => {
    if (backupIsDue(await clock.newest(), clock.now())) await run()
  }, clock.firstLookMs ?? FIRST_LOOK_MS)
  return {
    async stop() {
      clearTimeout(look)
      await task.destroy()
      await running
    },
  }
}
