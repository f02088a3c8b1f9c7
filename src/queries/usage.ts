import * as z from 'zod'
import { AGENT_CLIS } from '../core/agent.ts'
import { usageError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import { dayStart } from '../oracle/budget.ts'
import { USAGE_GROUPS } from '../store/index.ts'
import { readAccountLabels } from './account-facts.ts'
import { defineQuery, warning } from './define.ts'
import { nothingWarnings } from './nothing-there.ts'
import { momentOf, parseMoment } from './params.ts'
import { readReach } from './reach.ts'
import {
  aheadWarnings,
  noUsage,
  partialWarnings,
  readUsage,
  readUsageCoverage,
  type UsageTotals,
} from './rows-usage.ts'
import { count, isoTime, microusd, pct, tokens } from './shapes.ts'

const totals = z.object({
  messages: count,
  input_tokens: tokens.describe('without cache'),
  output_tokens: tokens.describe('reasoning included'),
  reasoning_tokens: tokens,
  cache_read_tokens: tokens,
  cache_write_tokens: tokens,
  total_tokens: tokens,
  cost_microusd: microusd.describe('of the priced tokens only'),
  unpriced_tokens: tokens.describe('tokens of models without a known price; never counted as free'),
})

const totalsOf = (row: UsageTotals): z.input<typeof totals> => ({
  messages: row.messages,
  input_tokens: row.input_tokens,
  output_tokens: row.output_tokens,
  reasoning_tokens: row.reasoning_tokens,
  cache_read_tokens: row.cache_read_tokens,
  cache_write_tokens: row.cache_write_tokens,
  total_tokens: row.total_tokens,
  cost_microusd: row.cost_microusd,
  unpriced_tokens: row.unpriced_tokens,
})

const zero: UsageTotals = {
  key: null,
  messages: 0,
  input_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  total_tokens: 0,
  cost_microusd: 0,
  unpriced_tokens: 0,
}

const FIELDS = Object.keys(zero).filter((name): name is Exclude<keyof UsageTotals, 'key'> => name !== 'key')

const sumOf = (rows: readonly UsageTotals[]): UsageTotals =>
  rows.reduce<UsageTotals>(
    (sum, row) => ({ key: null, ...Object.fromEntries(FIELDS.map((f) => [f, sum[f] + row[f]])) }) as UsageTotals,
    zero,
  )

const DAY_MS = 86_400_000

/** Where a day begins is where those of `by: day` do, in UTC; any other time as everywhere. */
const boundary = (text: string, at: Date): Date => {
  const back = ['today', 'yesterday'].indexOf(text.trim().toLowerCase())
  return back < 0 ? parseMoment(text, at) : new Date(dayStart(at) - back * DAY_MS)
}

/** From when to when; days are those (UTC) of the moment asked about. Throws a usage error when it ends before it begins. */
const periodOf = (params: { since: string; until?: string | undefined }, at: Date): { since: Date; until: Date } => {
  const until = params.until === undefined ? at : boundary(params.until, at)
  // Without a beginning a period is the day that it ends on.
  const since = params.since === 'today' ? new Date(dayStart(until)) : boundary(params.since, at)
  if (since.getTime() <= until.getTime()) return { since, until }
  throw usageError(
    'bad_period',
    `the period begins (${since.toISOString()}) after it ends (${until.toISOString()})`,
    'set since to an earlier time than until',
  )
}

export const usage = defineQuery({
  name: 'usage',
  version: 1,
  summary: 'Tokens and API-equivalent cost from the deduplicated ledger',
  params: z.strictObject({
    since: z
      .string()
      .default('today')
      .describe('today or yesterday (UTC days, from their beginning), an age such as 24h or 7d, or ISO time'),
    until: z.string().optional().describe('as since, and not part of it; default now'),
    by: z
      .enum(USAGE_GROUPS)
      .default('model')
      .describe('weekday_hour: key 1-09 is Mondays from 09:00, UTC; hour and day: their beginning, UTC'),
    key: z.string().optional().describe('only this one of by, e.g. --by project --key ledger; the total is its own'),
    machine: z.string().optional().describe('only what was used on this machine'),
    at: z.string().optional().describe('what had been used by then; since and until count from it'),
  }),
  data: z.object({
    since: isoTime,
    until: isoTime,
    by: z.string(),
    total: totals,
    groups: z.array(
      totals.extend({
        key: z.string().nullable().describe('null: not known'),
        label: z.string().nullable().optional().describe('by account: what people call it; null: not known'),
      }),
    ),
    coverage: z.object({
      machines: count.describe('enabled machines'),
      machines_reporting: count.describe('machines whose transcripts were read within their interval'),
      last_week_share_pct: pct
        .nullable()
        .describe("share of last week's volume that the reporting machines stand for; null: no volume last week"),
    }),
  }),
  example: { since: '7d', by: 'day' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const { since, until } = periodOf(params, at ?? ctx.now)
    const all = await readUsage(ctx, { since, until, groupBy: params.by, machineId: params.machine })
    const coverage = await readUsageCoverage(ctx, at, params.machine)
    const labelOf = params.by === 'account' ? await readAccountLabels(ctx, at) : null
    const isAsked = (key: string | null): boolean =>
      params.key === undefined || params.key === key || params.key === labelOf?.(key)
    const rows = all.filter((row) => isAsked(row.key))
    const total = sumOf(rows)
    const warnings: string[] = []
    if (params.key !== undefined && rows.length === 0)
      warnings.push(
        warning(
          'unknown_key',
          `nothing was counted for the ${params.by} “${displayText(params.key, 64)}” in this period`,
          suggestName(
            params.key,
            all.map((row) => labelOf?.(row.key) ?? row.key).filter((key) => key !== null),
          ),
        ),
      )
    // `--until 2026-11-20` alone is that day's first moment, and so is today's beginning seen from there.
    if (params.until !== undefined && since.getTime() === until.getTime())
      warnings.push(
        warning(
          'empty_period',
          `the period begins and ends at ${since.toISOString()}, so nothing can lie in it`,
          'until is not part of it: a day ends where the next begins',
        ),
      )
    if (all.length === 0 && since.getTime() < until.getTime())
      warnings.push(...(await nothingWarnings(ctx, at, params.machine, noUsage(since, until))))
    if (total.unpriced_tokens > 0)
      warnings.push(
        warning(
          'unpriced',
          `${total.unpriced_tokens} tokens have no known price and are not in cost_microusd`,
          'set [prices."provider/model"] in vc.toml',
        ),
      )
    warnings.push(...partialWarnings(coverage))
    if (at === null && params.until === undefined && params.key === undefined)
      warnings.push(...(await aheadWarnings(ctx, params.machine)))
    return {
      data: {
        since: since.toISOString(),
        until: until.toISOString(),
        by: params.by,
        total: totalsOf(total),
        groups: rows.map((row) => ({
          key: row.key,
          ...(labelOf === null ? {} : { label: labelOf(row.key) }),
          ...totalsOf(row),
        })),
        coverage: {
          machines: coverage.machines,
          machines_reporting: coverage.machinesReporting,
          last_week_share_pct: coverage.lastWeekSharePct,
        },
      },
      staleness: (await readReach(ctx, at, AGENT_CLIS, params.machine === undefined ? undefined : [params.machine]))
        .staleness,
      warnings,
    }
  },
})
