import type { FleetSignals } from '../alert-signals.ts'
import type { Rule } from '../rule.ts'

const usd = (microusd: number): string => `$${(microusd / 1_000_000).toFixed(2)}`

/** What has no price is named beside the sum: it may be spent already. */
export const budget: Rule<FleetSignals> = {
  id: 'budget',
  about: 'a budget of [alerts] is spent by 80 % (critical: 100 %)',
  holdMs: 0,
  clearMs: 0,
  judge({ budgets }) {
    if (budgets === null) return null
    return budgets.flatMap(({ period, limitMicrousd, spentMicrousd, unpricedTokens }) => {
      // Where nothing may be spent, the first cent is too much, and none is none.
      const share = limitMicrousd > 0 ? spentMicrousd / limitMicrousd : spentMicrousd > 0 ? Number.POSITIVE_INFINITY : 0
      if (share < 0.8) return []
      return [
        {
          machineId: null,
          subject: period,
          severity: share >= 1 ? ('critical' as const) : ('warning' as const),
          title: `${usd(spentMicrousd)} of the ${usd(limitMicrousd)} for this ${period} are spent`,
          evidence: { spent_microusd: spentMicrousd, limit_microusd: limitMicrousd, unpriced_tokens: unpricedTokens },
        },
      ]
    })
  },
}
