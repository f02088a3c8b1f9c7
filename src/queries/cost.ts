import * as z from 'zod'
import { AGENT_CLIS } from '../core/agent.ts'
import { dayStart, forecastDay, forecastDays, forecastMonth, monthStart, type SpendForecast } from '../oracle/budget.ts'
import { cacheSavings, checkedSavings } from '../oracle/cost.ts'
import { beadCost, type CacheShareRow, type CostSpan, cacheShares, idleOverhead } from '../store/index.ts'
import { readAccountLabels } from './account-facts.ts'
import { budgetOutlooks, readHours } from './cost-facts.ts'
import { billingWindow, readBillingWindows } from './cost-windows.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { nothingWarnings } from './nothing-there.ts'
import { atParam, momentOf } from './params.ts'
import { readReach } from './reach.ts'
import { noUsage, partialWarnings, readUsage, readUsageCoverage } from './rows-usage.ts'
import { count, isoTime, microusd, tokens, unit } from './shapes.ts'

const spent = z.object({
  cost_microusd: microusd.describe('of the priced tokens only'),
  total_tokens: tokens,
  unpriced_tokens: tokens.describe('of models without a known price; never counted as free'),
})
const group = spent.extend({
  key: z.string().nullable().describe('null: not known'),
  label: z.string().nullable().optional().describe('of an account: what people call it; null: not known'),
})
const expected = z.object({
  spent_microusd: microusd,
  expected_microusd: microusd.nullable().describe('at its end; null: fewer than three days of history'),
  interval_microusd: z.object({ low: microusd, high: microusd }).nullable().describe('80 % interval'),
  days_seen: count,
})

const ahead = z.object({
  expected_microusd: microusd,
  per_day_microusd: microusd,
  interval_microusd: z.object({ low: microusd, high: microusd }).describe('80 % interval'),
  days_seen: count,
})

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
const AHEAD_DAYS = 30
const PERIODS = ['today', 'week', 'month'] as const
type Period = (typeof PERIODS)[number]

/** Today and this month are calendar ones (UTC), a week is the last seven days. */
const spanOf = (period: Period, at: Date): CostSpan => {
  const since = { today: dayStart(at), week: at.getTime() - 7 * DAY_MS, month: monthStart(at) }[period]
  return { since: new Date(since), until: at }
}

/** Where the longest of them begins. */
const firstOf = (at: Date): Date => new Date(Math.min(...PERIODS.map((period) => spanOf(period, at).since.getTime())))

interface Sum {
  readonly cost_microusd: number
  readonly total_tokens: number
  readonly unpriced_tokens: number
}

const sumOf = (rows: readonly Sum[]): z.input<typeof spent> => ({
  cost_microusd: rows.reduce((sum, row) => sum + row.cost_microusd, 0),
  total_tokens: rows.reduce((sum, row) => sum + row.total_tokens, 0),
  unpriced_tokens: rows.reduce((sum, row) => sum + row.unpriced_tokens, 0),
})

const readSpent = async (ctx: QueryContext, at: Date, backMs: number): Promise<number> =>
  sumOf(await readUsage(ctx, { since: new Date(at.getTime() - backMs), until: at, groupBy: 'provider' })).cost_microusd

const keyed = (key: string | null, row: Sum): z.input<typeof group> => ({ key, ...sumOf([row]) })
const dearest = (rows: z.input<typeof group>[]): z.input<typeof group>[] =>
  rows.sort((a, b) => b.cost_microusd - a.cost_microusd || b.total_tokens - a.total_tokens)

const readGroups = async (ctx: QueryContext, span: CostSpan, at: Date | null) => {
  const of = async (groupBy: 'provider' | 'model' | 'project' | 'account') =>
    dearest((await readUsage(ctx, { ...span, groupBy })).map((row) => keyed(row.key, row)))
  const [provider, model, project, accounts, labelOf, beads] = await Promise.all([
    of('provider'),
    of('model'),
    of('project'),
    of('account'),
    readAccountLabels(ctx, at),
    beadCost(ctx.db, span),
  ])
  const account = accounts.map((row) => ({ ...row, label: labelOf(row.key) }))
  const bead = beads.some((row) => row.bead !== null) ? dearest(beads.map((row) => keyed(row.bead, row))) : []
  return { provider, model, project, account, bead }
}

const toExpected = (said: SpendForecast): z.input<typeof expected> => ({
  spent_microusd: said.spentMicrousd,
  expected_microusd: said.expectedMicrousd,
  interval_microusd: said.interval,
  days_seen: said.days,
})

const toAhead = (said: ReturnType<typeof forecastDays>): z.input<typeof ahead> | null =>
  said && {
    expected_microusd: said.expectedMicrousd,
    per_day_microusd: said.perDayMicrousd,
    interval_microusd: said.interval,
    days_seen: said.days,
  }

const usesOf = (rows: readonly CacheShareRow[]) =>
  rows.map((row) => ({
    provider: row.provider,
    model: row.model,
    project: row.project,
    messages: row.messages,
    freshTokens: row.fresh_tokens,
    cachedTokens: row.cached_tokens,
    savedMicrousdPerMtok: row.saved_microusd_per_mtok,
  }))

/** As long, and right before it. */
const spanBefore = ({ since, until }: { readonly since: Date; readonly until: Date }) => ({
  since: new Date(2 * since.getTime() - until.getTime()),
  until: since,
})

const perHour = (value: number, hours: number): number => Math.round(value / hours)

export const cost = defineQuery({
  name: 'cost',
  version: 1,
  summary: 'What agents cost: today, week, month, by what; pace, budgets, what idles at a price, and savings',
  params: z.strictObject({
    ...atParam,
    period: z.enum(PERIODS).default('week').describe('what groups, overhead and savings are of'),
  }),
  data: z.object({
    periods: z.array(spent.extend({ period: z.enum(PERIODS), since: isoTime, until: isoTime })),
    period: z.enum(PERIODS),
    by: z.object({
      provider: z.array(group),
      model: z.array(group),
      project: z.array(group),
      account: z.array(group),
      bead: z.array(group).describe('by the bead on the agent’s hook; empty where no bead is known'),
    }),
    burn: z.object({
      last_hour_microusd: microusd,
      day_microusd_per_hour: microusd.describe('mean of 24 hours, quiet ones included'),
    }),
    forecast: z
      .object({
        day: expected,
        month: expected,
        next_30_days: ahead.nullable().describe('null: fewer than three days of history'),
      })
      .describe('UTC day, calendar month, and the 30 days after today'),
    windows: z.array(billingWindow).describe('rate-limit windows that run now, soonest reset first'),
    budgets: z.array(
      expected.extend({
        period: z.enum(['day', 'month']),
        limit_microusd: microusd,
        spent_pct: z.number().min(0),
        probability_over: unit.nullable(),
        used_up_at: isoTime.nullable().describe('at the expected pace; null: not within the period, or not known'),
      }),
    ),
    overhead: z
      .array(
        spent.extend({
          agent: z.string(),
          messages: count,
          idle_hours: z.number().min(0),
          microusd_per_hour: microusd,
          tokens_per_hour: tokens,
        }),
      )
      .describe('agents that use tokens while they are seen idle: what being there costs'),
    savings: z
      .array(
        z.object({
          kind: z.literal('cache_miss'),
          provider: z.string(),
          model: z.string(),
          project: z.string().nullable(),
          could_save_microusd: microusd.describe('had its prompts met the cache as often as those of other projects'),
          evidence: z.string(),
        }),
      )
      .describe('found, not tried: nothing here was checked by doing it'),
    savings_checked: z
      .array(
        z.object({
          kind: z.literal('cache_miss'),
          provider: z.string(),
          model: z.string(),
          project: z.string().nullable(),
          outcome: z.enum(['taken', 'open', 'not_used']),
          promised_microusd: microusd.describe('what was said it could save in the span before'),
          saved_microusd: microusd.nullable().describe('measured on the prompts of this span; null: too few to tell'),
          evidence: z.string(),
        }),
      )
      .describe('savings found in the span of the same length before this one, and what became of them'),
  }),
  example: { period: 'week' },
  async load(params, ctx) {
    const past = momentOf(params, ctx.now)
    const at = past ?? ctx.now
    const span = spanOf(params.period, at)
    const [sums, by, hours, lastHour, lastDay, overhead, shares, sharesBefore, windows, coverage, reach] =
      await Promise.all([
        Promise.all(PERIODS.map((period) => readUsage(ctx, { ...spanOf(period, at), groupBy: 'provider' }))),
        readGroups(ctx, span, past),
        readHours(ctx, at),
        readSpent(ctx, at, HOUR_MS),
        readSpent(ctx, at, DAY_MS),
        idleOverhead(ctx.db, span),
        cacheShares(ctx.db, span),
        cacheShares(ctx.db, spanBefore(span)),
        readBillingWindows(ctx, past),
        readUsageCoverage(ctx, past),
        readReach(ctx, past, AGENT_CLIS),
      ])
    const unpriced = sumOf(sums[2] ?? []).unpriced_tokens
    return {
      data: {
        periods: PERIODS.map((period, index) => ({
          period,
          since: spanOf(period, at).since.toISOString(),
          until: at.toISOString(),
          ...sumOf(sums[index] ?? []),
        })),
        period: params.period,
        by,
        burn: { last_hour_microusd: lastHour, day_microusd_per_hour: Math.round(lastDay / 24) },
        forecast: {
          day: toExpected(forecastDay(hours, at)),
          month: toExpected(forecastMonth(hours, at)),
          next_30_days: toAhead(forecastDays(hours, at, AHEAD_DAYS)),
        },
        windows,
        budgets: budgetOutlooks(ctx.plan, hours, at).map((one) => ({
          ...toExpected(one),
          period: one.period,
          limit_microusd: one.limitMicrousd,
          spent_pct: one.spentPct,
          probability_over: one.probabilityOver,
          used_up_at: one.usedUpAt?.toISOString() ?? null,
        })),
        overhead: overhead.map((row) => ({
          ...sumOf([row]),
          agent: row.agent_id,
          messages: row.messages,
          idle_hours: row.idle_hours,
          microusd_per_hour: perHour(row.cost_microusd, row.idle_hours),
          tokens_per_hour: perHour(row.total_tokens, row.idle_hours),
        })),
        savings: cacheSavings(usesOf(shares)).map((one) => ({
          kind: 'cache_miss' as const,
          provider: one.provider,
          model: one.model,
          project: one.project,
          could_save_microusd: one.couldSaveMicrousd,
          evidence: one.evidence,
        })),
        savings_checked: checkedSavings(usesOf(sharesBefore), usesOf(shares)).map((one) => ({
          kind: 'cache_miss' as const,
          provider: one.provider,
          model: one.model,
          project: one.project,
          outcome: one.outcome,
          promised_microusd: one.promisedMicrousd,
          saved_microusd: one.savedMicrousd,
          evidence: one.evidence,
        })),
      },
      staleness: reach.staleness,
      warnings: [
        ...(unpriced === 0
          ? []
          : [
              warning(
                'unpriced',
                `${unpriced} tokens of this month have no known price and are in no sum of money`,
                'set [prices."provider/model"] in vc.toml',
              ),
            ]),
        ...(sums.flat().length > 0 ? [] : await nothingWarnings(ctx, past, undefined, noUsage(firstOf(at), at))),
        ...partialWarnings(coverage),
      ],
    }
  },
})
