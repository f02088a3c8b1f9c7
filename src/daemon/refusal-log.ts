import { K, type Log } from '../core/log.ts'
import type { AppendOutcome, ScrapeRun } from '../core/rows.ts'
import { isWorthALine, lastedS, longer, type Streak } from './streak.ts'

/** A full disk says another number each time and is the same trouble. */
const troubleOf = (detail: string): string => detail.replaceAll(/\d+/g, '#')

/** Says in vc's log that the store keeps nothing, or nothing of one source: when that begins, ever more rarely, when it ends. */
export const openRefusalLog = (log: Log, now: () => number): { saw(run: ScrapeRun, outcome: AppendOutcome): void } => {
  /** A store that refuses all sources of a fleet has one trouble. */
  const streaks = new Map<string, Streak<string>>()
  const refused = new Map<string, string>()
  const forget = (trouble: string): void => {
    for (const [source, its] of refused) if (its === trouble) refused.delete(source)
    streaks.delete(trouble)
  }
  return {
    saw({ machineId, collector }, outcome) {
      const source = `${machineId}\u0000${collector}`
      const who = { [K.machine]: machineId, [K.collector]: collector }
      const before = refused.get(source)
      if (outcome.ok) {
        const ended = before === undefined ? undefined : streaks.get(before)
        if (ended === undefined) return
        forget(ended.trouble)
        log.info({ ...who, failures: ended.failures, failed_s: lastedS(ended, now()) }, 'rows are stored again')
        return
      }
      const trouble = troubleOf(outcome.detail)
      refused.set(source, trouble)
      if (before !== undefined && ![...refused.values()].includes(before)) streaks.delete(before)
      const streak = longer(streaks.get(trouble), trouble, now())
      streaks.set(trouble, streak)
      const what = { ...who, [K.detail]: outcome.detail, failures: streak.failures }
      log[isWorthALine(streak) ? 'error' : 'debug'](what, 'rows were not stored')
    },
  }
}
