import { limitName } from '../../core/limit-name.ts'
import { ageWords } from '../age-words.ts'
import type { FleetSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'
import { accountName, accountSubject } from './account-near-limit.ts'

/** As sure as the advice to slow down asks for, and less once it stands. */
const LIKELY = 0.6
const LETS_GO = 0.45

export const limitBeforeReset: Rule<FleetSignals> = {
  id: 'limit_before_reset',
  about: 'at its present pace an account uses up a window before its reset',
  holdMs: 60_000,
  clearMs: 2 * 60_000,
  judge({ accounts }, stands) {
    if (accounts === null) return null
    return accounts.flatMap((one) => {
      const { forecast } = one
      const subject = accountSubject(one)
      if (forecast === null || forecast.outlook !== 'forecast') return []
      const { minutesToLimit: limit, minutesToReset: reset, probability } = forecast
      if (limit === null || reset === null || probability === null || limit >= reset) return []
      if (probability < (stands(subject) ? LETS_GO : LIKELY)) return []
      return [
        {
          machineId: null,
          subject,
          severity: 'warning' as const,
          title: `${accountName(one)} will use up its ${limitName(one.provider, one.limitId, one.window)} window in ${ageWords(limit * 60)}, ${ageWords((reset - limit) * 60)} before the reset`,
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
