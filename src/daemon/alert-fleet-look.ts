import type { AlertConfig } from '../config/schema.ts'
import type { AccountStanding } from '../oracle/account-standing.ts'
import type { AccountSignal, BudgetSignal, FleetSignals } from '../oracle/alert-signals.ts'
import { dayStart, monthStart } from '../oracle/budget.ts'
import type { UsageObservation } from '../oracle/forecast/observation.ts'
import { forecastLimit } from '../oracle/forecast/rate-limit.ts'
import type { QueryContext } from '../queries/define.ts'
import { ownCostSince, spentSince, unpricedSince } from '../store/index.ts'
import { openLimitMemory } from './limit-memory.ts'

export interface FleetLook {
  wrote(tables: readonly string[]): void
  signals(ctx: QueryContext, config: AlertConfig): Promise<FleetSignals>
}

const seriesKey = (provider: string, account: string, limitId: string, window: string): string =>
  [provider, account, limitId, window].join('\u0000')

/** A forecast of a window that nobody saw change stands for a minute: it costs far more than all rules together. */
const FORECAST_MS = 60_000

type Forecasts = Map<
  string,
  { readonly of: string; readonly atMs: number; readonly said: ReturnType<typeof forecastLimit> }
>

const forecastOf = (forecasts: Forecasts, key: string, own: readonly UsageObservation[], now: Date) => {
  const of = `${own.length} ${Math.max(...own.map((one) => one.observed_at.getTime()))}`
  const known = forecasts.get(key)
  const ageMs = now.getTime() - (known?.atMs ?? 0)
  if (known?.of === of && ageMs >= 0 && ageMs < FORECAST_MS) return known.said
  const said = forecastLimit(own, now)
  forecasts.set(key, { of, atMs: now.getTime(), said })
  return said
}

const accountSignals = (
  now: Date,
  seen: readonly UsageObservation[],
  standings: readonly AccountStanding[],
  forecasts: Forecasts,
): readonly AccountSignal[] => {
  const series = Map.groupBy(seen, (one) => seriesKey(one.provider, one.account_key, one.limit_id, one.window))
  for (const key of forecasts.keys()) if (!series.has(key)) forecasts.delete(key)
  return standings.flatMap((standing) =>
    standing.windows.map((window) => {
      const key = seriesKey(window.provider, window.account, window.limit_id, window.window_name)
      const own = series.get(key)
      return {
        provider: window.provider,
        account: window.account,
        label: standing.label,
        window: window.window_name,
        limitId: window.limit_id,
        usedPct: window.usedPct,
        stale: window.stale,
        resetsAt: window.resetsAt,
        forecast: own === undefined || window.stale ? null : forecastOf(forecasts, key, own, now),
      }
    }),
  )
}

const budgetSignals = async (ctx: QueryContext, config: AlertConfig): Promise<readonly BudgetSignal[]> => {
  const { daily_budget_usd: daily, monthly_budget_usd: monthly } = config
  if (daily === null && monthly === null) return []
  // The days of vc cost and vc status, or an alert would speak of another sum than they do.
  const spent = await spentSince(ctx.db, {
    day: new Date(dayStart(ctx.now)),
    month: new Date(monthStart(ctx.now)),
    until: ctx.now,
  })
  if (spent === null) return []
  return [
    ...(daily === null
      ? []
      : [
          {
            period: 'day' as const,
            limitMicrousd: daily * 1e6,
            spentMicrousd: spent.day_microusd,
            unpricedTokens: spent.day_unpriced_tokens,
          },
        ]),
    ...(monthly === null
      ? []
      : [
          {
            period: 'month' as const,
            limitMicrousd: monthly * 1e6,
            spentMicrousd: spent.month_microusd,
            unpricedTokens: spent.month_unpriced_tokens,
          },
        ]),
  ]
}

const DAY_MS = 86_400_000
const OWN_COST_MS = 600_000
/** Between two reads, however much is written; and however little. */
const REST_MS = 5_000
const TIME_PASSES_MS = 60_000

/** Reads what belongs to no single machine; each part again when what it rests on was written, and once a minute. */
export const openFleetLook = (): FleetLook => {
  const limits = openLimitMemory()
  const forecasts: Forecasts = new Map()
  const parts = {
    accounts: {
      tables: ['account_usage_snapshots', 'account_profile_snapshots', 'account_limits_snapshots'],
      value: null as FleetSignals['accounts'],
    },
    budgets: { tables: ['agent_usage'], value: null as FleetSignals['budgets'] },
    unpriced: { tables: ['agent_usage'], value: null as FleetSignals['unpriced'] },
    self: { tables: ['self_samples'], value: null as FleetSignals['self'] },
  }
  const readAt = new Map<string, number>()
  const dirty = new Set<string>(Object.keys(parts))
  const due = (name: keyof typeof parts, nowMs: number): boolean => {
    const age = nowMs - (readAt.get(name) ?? Number.NEGATIVE_INFINITY)
    if (age >= 0 && age < TIME_PASSES_MS && !(dirty.has(name) && age >= REST_MS)) return false
    dirty.delete(name)
    readAt.set(name, nowMs)
    return true
  }
  const own = async (ctx: QueryContext): Promise<FleetSignals['self']> => {
    const row = await ownCostSince(ctx.db, new Date(ctx.now.getTime() - OWN_COST_MS))
    if (row === null) return null
    return {
      cpuPct: row.span_ms > 0 ? (100 * row.cpu_ms) / row.span_ms : null,
      rssBytes: row.rss_bytes,
      minutes: row.span_ms / 60_000,
    }
  }
  return {
    wrote(tables) {
      for (const [name, part] of Object.entries(parts))
        if (part.tables.some((table) => tables.includes(table))) dirty.add(name)
    },
    async signals(ctx, config) {
      const nowMs = ctx.now.getTime()
      if (due('accounts', nowMs)) {
        const { observations, known } = await limits.look(ctx)
        parts.accounts.value =
          observations.length === 0 ? [] : accountSignals(ctx.now, observations, known.standings, forecasts)
      }
      if (due('budgets', nowMs)) parts.budgets.value = await budgetSignals(ctx, config)
      if (due('unpriced', nowMs)) parts.unpriced.value = await unpricedSince(ctx.db, new Date(nowMs - DAY_MS))
      if (due('self', nowMs)) parts.self.value = await own(ctx)
      return {
        nowMs,
        accounts: parts.accounts.value,
        budgets: parts.budgets.value,
        unpriced: parts.unpriced.value,
        self: parts.self.value,
        selfLimits: { cpuPct: config.self_cpu_pct, rssBytes: config.self_rss_mb * 1_048_576 },
      }
    },
  }
}
