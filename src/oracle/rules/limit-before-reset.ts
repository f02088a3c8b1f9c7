import { limitName } from '../../core/limit-name.ts'
import { ageWords } from '../age-words.ts'
import type { AccountSignal, FleetSignals } from '../alert-signals.ts'
import type { Finding, Rule } from '../rule.ts'
import { accountName, accountSubject } from './account-near-limit.ts'

/** As sure as the advice to slow down asks for, and less once it stands. */
const LIKELY = 0.6
const LETS_GO = 0.45

/** A minute or less is no forecast any more: the moment is now, or has passed unseen. */
const NOW_MIN = 1

const windowOf = (one: AccountSignal): string => `its ${limitName(one.provider, one.limitId, one.window)} window`

/** Nobody looks any more, so nobody knows that it went well: what fires stays until its window ends. */
const unseen = (one: AccountSignal, nowMs: number): readonly Finding[] =>
  one.stale && (one.resetsAt === null || Date.parse(one.resetsAt) > nowMs)
    ? [
        {
          machineId: null,
          subject: accountSubject(one),
          severity: 'warning',
          title: `${accountName(one)} was about to use up ${windowOf(one)} when it was last seen`,
          evidence: { used_pct: one.usedPct, resets_at: one.resetsAt },
        },
      ]
    : []

export const limitBeforeReset: Rule<FleetSignals> = {
  id: 'limit_before_reset',
  about: 'at its present pace an account uses up a window before its reset',
  holdMs: 60_000,
  clearMs: 2 * 60_000,
  judge({ accounts, nowMs }, stands) {
    if (accounts === null) return null
    return accounts.flatMap((one) => {
      const { forecast } = one
      const subject = accountSubject(one)
      if (forecast === null && stands(subject)) return unseen(one, nowMs)
      if (forecast === null || forecast.outlook !== 'forecast') return []
      const { minutesToLimit: limit, minutesToReset: reset, probability } = forecast
      if (limit === null || reset === null || probability === null || limit >= reset) return []
      if (probability < (stands(subject) ? LETS_GO : LIKELY)) return []
      const before = `${ageWords((reset - limit) * 60)} before the reset`
      return [
        {
          machineId: null,
          subject,
          severity: 'warning' as const,
          title:
            limit <= NOW_MIN
              ? `${accountName(one)} is about to use up ${windowOf(one)}, ${before}`
              : `${accountName(one)} will use up ${windowOf(one)} in ${ageWords(limit * 60)}, ${before}`,
          evidence: {
            minutes_to_limit: Math.round(limit),
            interval: forecast.interval,
            minutes_to_reset: Math.round(reset),
            probability: Number(probability.toFixed(3)),
            confidence: Number(forecast.confidence.toFixed(2)),
          },
        },
      ]
    })
  },
}
