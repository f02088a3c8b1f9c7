import { missionQueue } from '../commands/missions/queue.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import { agents, type Store } from '../store/index.ts'

export interface SweepPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly now: () => Date
  readonly log: Log
  readonly everyMs?: number
}

// States of an agent that is still at what it took; who finished its turn and reported nothing is not.
const AT_WORK: ReadonlySet<string> = new Set(['working', 'needs_approval', 'asked_question', 'rate_limited'])
/** A verdict is written at least once a minute while its machine answers. */
const FRESH_MS = 180_000

/** Holders that vc itself sees at work: an agent deep in its task sends no heartbeats. */
const seenAtWork = async (
  store: SweepPorts['store'],
  holders: ReadonlySet<string>,
  at: Date,
): Promise<ReadonlySet<string>> => {
  if (holders.size === 0) return holders
  const seen = (await agents(store.db)).filter(({ agent_id: id, verdict }) => {
    if (!holders.has(id) || verdict === null || !AT_WORK.has(verdict.state)) return false
    return at.getTime() - Date.parse(verdict.judged_at) <= FRESH_MS
  })
  return new Set(seen.map(({ agent_id: id }) => id))
}

/** Renews claims of agents seen at work, and ends attempts of claimants who fell silent, so that their missions go back to the queue without anybody asking. */
export const startMissionSweep = ({ store, now, log, everyMs = 5_000 }: SweepPorts): { stop(): Promise<void> } => {
  let running: Promise<unknown> = Promise.resolve()
  let busy = false
  const sweep = async (): Promise<void> => {
    busy = true
    try {
      const queue = missionQueue(store)
      await queue.keepAlive(await seenAtWork(store, await queue.holders(), now()), now())
      const ended = await queue.sweep(now())
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
