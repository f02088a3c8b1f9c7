import { type BudgetOutlook, budgetOutlook, dayStart, type HourSpent, monthStart } from '../oracle/budget.ts'
import { hourlyCost } from '../store/index.ts'
import type { QueryContext } from './define.ts'

const DAY_MS = 86_400_000
const BACK_DAYS = 14

/** What was spent per hour since the month began, two weeks at least. */
export const readHours = async (ctx: QueryContext, at: Date): Promise<readonly HourSpent[]> => {
  const since = new Date(Math.min(monthStart(at), dayStart(at) - BACK_DAYS * DAY_MS))
  const rows = await hourlyCost(ctx.db, { since, until: at })
  return rows.map((row) => ({ ms: Date.parse(row.bucket_at), microusd: row.cost_microusd }))
}

/** How each budget that was set will stand at its end. */
export const budgetOutlooks = (
  plan: QueryContext['plan'],
  hours: readonly HourSpent[],
  at: Date,
): readonly BudgetOutlook[] => {
  const { dayMicrousd = null, monthMicrousd = null } = plan.budgets ?? {}
  return [
    ...(dayMicrousd !== null ? [budgetOutlook('day', dayMicrousd, hours, at)] : []),
    ...(monthMicrousd !== null ? [budgetOutlook('month', monthMicrousd, hours, at)] : []),
  ]
}
