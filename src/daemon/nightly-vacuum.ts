import { schedule } from 'node-cron'
import { allowedVacuum, runVacuum } from '../commands/vacuum-run.ts'
import type { LoadedConfig } from '../config/index.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { Store } from '../store/index.ts'
import { NIGHTLY } from './nightly.ts'

export interface VacuumClock {
  readonly store: Pick<Store, 'db' | 'sealDay' | 'dropDay'>
  /** Asked each night: a reload may have changed what is allowed. */
  readonly loaded: () => LoadedConfig
  readonly now: () => Date
  readonly log: Log
}

/** Every night at 03:29 UTC, between backup and backtest: what leaves the file tonight is in the backup, but for a night that was slept through. */
export const VACUUM_CRON = '29 3 * * *'

/** Seals and removes what vc.toml allows; without `[retention]` nothing is touched. A failure ends nothing. */
export const vacuumTonight = async ({ store, loaded, now, log }: VacuumClock): Promise<void> => {
  const { archive, delete: remove, hub } = loaded().config.retention
  if (!archive && !remove) return
  try {
    const report = await runVacuum(store, allowedVacuum({ archive, remove, hub }, loaded()), now())
    const { sealedDays, removedDays, removedRows, troubles } = report
    log.info({ sealedDays, removedDays, removedRows }, 'closed days were put away')
    for (const trouble of troubles) log.warn({ [K.detail]: trouble }, 'a closed day could not be put away')
  } catch (error) {
    log.error({ [K.detail]: messageOf(error) }, 'the nightly vacuum failed; all rows stay where they are')
  }
}

export const startVacuums = (clock: VacuumClock): { stop(): Promise<void> } => {
  let running: Promise<void> = Promise.resolve()
  const task = schedule(
    VACUUM_CRON,
    () => {
      running = running.then(() => vacuumTonight(clock))
      return running
    },
    NIGHTLY,
  )
  return {
    async stop() {
      await task.destroy()
      await running
    },
  }
}
