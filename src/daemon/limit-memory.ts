import type { UsageObservation } from '../oracle/forecast/observation.ts'
import { type AccountsKnown, readAccountsKnown } from '../queries/account-facts.ts'
import type { QueryContext } from '../queries/define.ts'
import { heardObservationsOf, LIMIT_HISTORY_MS } from '../queries/limit-facts.ts'
import { type AccountUsageRow, accountUsageHistory } from '../store/index.ts'

/** Rows of the last hours are kept, so that a look reads only what came since the last one. */
export interface LimitMemory {
  look(
    ctx: QueryContext,
  ): Promise<{ readonly observations: readonly UsageObservation[]; readonly known: AccountsKnown }>
}

/** Rows are committed a little after the time they carry. */
const LATE_MS = 5 * 60_000

const rowKey = (row: AccountUsageRow): string =>
  [
    row.machine_id,
    row.provider,
    row.account_key,
    row.limit_id,
    row.window_name,
    row.observed_source,
    row.observed_at,
  ].join('\u0000')

export const openLimitMemory = (): LimitMemory => {
  const rows = new Map<string, AccountUsageRow>()
  let readUntilMs: number | null = null
  const bringUp = async (ctx: QueryContext): Promise<void> => {
    const nowMs = ctx.now.getTime()
    const sinceMs = readUntilMs === null ? nowMs - LIMIT_HISTORY_MS : readUntilMs - LATE_MS
    const news = await accountUsageHistory(ctx.db, { since: new Date(sinceMs), until: ctx.now, by: 'collected_at' })
    for (const row of news) rows.set(rowKey(row), row)
    for (const [key, row] of rows) if (Date.parse(row.observed_at) < nowMs - LIMIT_HISTORY_MS) rows.delete(key)
    readUntilMs = nowMs
  }
  return {
    async look(ctx) {
      const [known] = await Promise.all([readAccountsKnown(ctx, null), bringUp(ctx)])
      const old = known.usage.filter((row) => !rows.has(rowKey(row)))
      const all = [...old, ...rows.values()]
      return { observations: heardObservationsOf(all, known), known }
    },
  }
}
