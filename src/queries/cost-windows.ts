import * as z from 'zod'
import type { AccountStanding } from '../oracle/account-standing.ts'
import { type UsageWindow, usageInWindows, type WindowUseRow } from '../store/index.ts'
import { readStandings } from './account-facts.ts'
import type { QueryContext } from './define.ts'
import { isoTime, microusd, tokens } from './shapes.ts'

/** A rate-limit window as what it is billed by: what was used in it so far. */
export const billingWindow = z.object({
  provider: z.string(),
  account: z.string(),
  label: z.string().nullable(),
  limit: z.string(),
  window: z.string(),
  since: isoTime,
  resets_at: isoTime,
  used_pct: z.number().nullable(),
  counted: z
    .enum(['account', 'provider'])
    .describe(
      'provider: the transcripts of that time name no account, so the sums are of all accounts of the provider',
    ),
  cost_microusd: microusd.describe('of the priced tokens only'),
  total_tokens: tokens,
  unpriced_tokens: tokens,
  unattributed_tokens: tokens.describe(
    'of this provider in this time by no known account; with counted: account they are not in the sums, and may be its own',
  ),
})

const HOUR_MS = 3_600_000
const UNIT_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS }

/** `5h`, `7d:opus`: the length its name tells; null where it tells none. */
export const windowLengthMs = (name: string): number | null => {
  const [, number, unit] = /^(\d{1,3})([hd])(?:[:_]|$)/.exec(name) ?? []
  return number === undefined ? null : Number(number) * (UNIT_MS[unit ?? ''] ?? HOUR_MS)
}

/** `opus` of `7d:opus`: the model that alone fills it; undefined: every model does. */
const modelOf = (name: string): string | undefined => /^\d{1,3}[hd]:(.+)$/.exec(name)?.[1]

interface Span {
  readonly standing: AccountStanding
  readonly window: AccountStanding['windows'][number]
  readonly sinceMs: number
  readonly resetsAt: string
}

const spansOf = (standings: readonly AccountStanding[], atMs: number): Span[] =>
  standings.flatMap((standing) =>
    standing.windows.flatMap((window) => {
      const lengthMs = windowLengthMs(window.window_name)
      const resetsMs = window.resetsAt === null ? Number.NaN : Date.parse(window.resetsAt)
      if (lengthMs === null || window.resetsAt === null || !(resetsMs > atMs)) return []
      return [{ standing, window, sinceMs: resetsMs - lengthMs, resetsAt: window.resetsAt }]
    }),
  )

const sumOf = (rows: readonly WindowUseRow[]) => ({
  cost_microusd: rows.reduce((sum, row) => sum + row.cost_microusd, 0),
  total_tokens: rows.reduce((sum, row) => sum + row.total_tokens, 0),
  unpriced_tokens: rows.reduce((sum, row) => sum + row.unpriced_tokens, 0),
})

const windowOf = ({ standing, window, sinceMs }: Span, accountKeys: UsageWindow['accountKeys']): UsageWindow => ({
  since: new Date(sinceMs),
  provider: standing.provider,
  accountKeys,
  model: modelOf(window.window_name),
})

type RowsOf = ReadonlyMap<Span, readonly WindowUseRow[]>

const readUses = async (
  ctx: QueryContext,
  spans: readonly Span[],
  keysOf: (span: Span) => UsageWindow['accountKeys'],
  until: Date,
): Promise<RowsOf> => {
  const windows = spans.map((span) => windowOf(span, keysOf(span)))
  const rows = Map.groupBy(await usageInWindows(ctx.db, windows, until), ({ nth }) => nth)
  return new Map(spans.map((span, nth) => [span, rows.get(nth) ?? []]))
}

/** What was used in each; by the whole provider where no message of that time names the account. */
const readUsed = async (ctx: QueryContext, spans: readonly Span[], until: Date) => {
  const own = await readUses(ctx, spans, ({ standing }) => standing.keys, until)
  const named = (span: Span): readonly WindowUseRow[] =>
    (own.get(span) ?? []).filter(({ account_key }) => account_key !== null)
  const unattributed = (span: Span): number =>
    sumOf((own.get(span) ?? []).filter(({ account_key }) => account_key === null)).total_tokens
  // Where every message names its account, one that none names used nothing.
  const isUnnamed = (span: Span): boolean => named(span).length === 0 && unattributed(span) > 0
  const whole = await readUses(ctx, spans.filter(isUnnamed), () => null, until)
  return (span: Span) => ({
    counted: whole.has(span) ? ('provider' as const) : ('account' as const),
    ...sumOf(whole.get(span) ?? named(span)),
    unattributed_tokens: unattributed(span),
  })
}

/** The windows that run now and whose beginning is known, soonest reset first. */
export const readBillingWindows = async (
  ctx: QueryContext,
  at: Date | null,
): Promise<z.input<typeof billingWindow>[]> => {
  const until = at ?? ctx.now
  const spans = spansOf(await readStandings(ctx, at), until.getTime())
  const usedIn = await readUsed(ctx, spans, until)
  const lines = spans.map((span) => ({
    provider: span.standing.provider,
    account: span.standing.account,
    label: span.standing.label,
    limit: span.window.limit_id,
    window: span.window.window_name,
    since: new Date(span.sinceMs).toISOString(),
    resets_at: span.resetsAt,
    used_pct: span.window.usedPct,
    ...usedIn(span),
  }))
  return lines.sort((a, b) => a.resets_at.localeCompare(b.resets_at) || a.account.localeCompare(b.account))
}
