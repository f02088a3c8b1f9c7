import { missionQueue } from '../commands/missions/queue.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { Store } from '../store/index.ts'

export interface SweepPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly now: () => Date
  readonly log: Log
  readonly everyMs?: number
}

/** Ends attempts of claimants who fell silent, so that their missions go back to the queue without anybody asking. */
export const startMissionSweep = ({ store, now, log, everyMs = 5_000 }: SweepPorts): { stop(): Promise<void> } => {
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const sweep = async (): Promise<void> => {
    busy = true
    try {
      const ended = await missionQueue(store).sweep(now())
      for (const { missionId, status, failure } of ended)
        log.warn({ mission: missionId, status, [K.detail]: failure?.code }, 'a claim lapsed')
    } catch (error) {
      log.error({ [K.detail]: messageOf(error) }, 'lapsed missions were not looked for')
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => {
    if (!busy) running = sweep()
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
