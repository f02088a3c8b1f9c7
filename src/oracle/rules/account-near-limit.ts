import { limitName } from '../../core/limit-name.ts'
import type { AccountSignal, FleetSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const WARNING_PCT = 80
const CRITICAL_PCT = 95
const LETS_GO_BELOW = 3

export const accountSubject = (one: AccountSignal): string =>
  [one.provider, one.account, one.limitId, one.window].join(' ')

export const accountName = (one: AccountSignal): string => `${one.provider} ${one.label ?? one.account}`

/** Only what is known now speaks: a window that ended or a stale number says nothing of the present one. */
export const accountNearLimit: Rule<FleetSignals> = {
  id: 'account_near_limit',
  about: 'a rate-limit window of an account is used by 80 % (critical: 95 %)',
  holdMs: 0,
  clearMs: 0,
  judge({ accounts }, stands) {
    if (accounts === null) return null
    return accounts.flatMap((one) => {
      const subject = accountSubject(one)
      if (one.usedPct === null || (one.stale && !stands(subject))) return []
      if (one.usedPct < WARNING_PCT - (stands(subject) ? LETS_GO_BELOW : 0)) return []
      const reset = one.resetsAt === null ? '' : `, reset at ${one.resetsAt.slice(0, 16)}Z`
      return [
        {
          machineId: null,
          subject,
          severity: one.usedPct >= CRITICAL_PCT ? ('critical' as const) : ('warning' as const),
          title: `${accountName(one)} has used ${Math.round(one.usedPct)} % of its ${limitName(one.provider, one.limitId, one.window)} window${reset}`,
          evidence: { used_pct: one.usedPct, resets_at: one.resetsAt, window: one.window },
        },
      ]
    })
  },
}
