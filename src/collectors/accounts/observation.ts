import { sha256 } from '../../core/ids.ts'
import { displayText } from '../../core/text.ts'

/** One window of one account as one source saw it: a row of `account_usage_snapshots` without its envelope. */
export type AccountObservation = {
  readonly provider: string
  readonly account_key: string
  readonly account_label: string | null
  /** Bucket: `claude`, `codex`, or the source's own name for a separate one. */
  readonly limit_id: string
  /** `5h` · `7d` · `7d:<model>` · `<n>m` · `unknown`. */
  readonly window_name: string
  /** 0-100, unclamped; null: the source does not say. */
  readonly used_pct: number | null
  readonly resets_at: Date | null
  /** The source's own time, never the time of the poll. */
  readonly observed_at: Date
  readonly observed_source: ObservedSource
  readonly source_rank: number
  readonly plan: string | null
  readonly credits: string | null
  /** The source's word: `allowed`, `rejected`, `rate_limit_reached`, … */
  readonly status: string | null
}

/** Trust among observations of one window; lower wins when both are fresh. */
export const SOURCE_RANK = {
  'claude.rate_limit_event': 10,
  'claude.status_line': 10,
  'claude.quota_limit': 10,
  'claude.cached_usage': 20,
  'codex.rollout': 10,
  'caut.oauth': 30,
  'caut.other': 35,
  'caam.limits': 40,
} as const

export type ObservedSource = keyof typeof SOURCE_RANK

/** Whose machine it is and, where somebody knows, whose account was active there. */
export interface AccountContext {
  readonly machineId: string
  readonly accountKey?: string | null
  readonly accountLabel?: string | null
  readonly plan?: string | null
}

/** Account id where known, else a hash of provider and mail address, else `unknown@<machine>`. */
export const accountKey = (
  provider: string,
  known: { readonly id?: string | null; readonly email?: string | null },
  ctx: AccountContext,
): string => {
  if (known.id) return known.id
  if (known.email) return sha256(`${provider}:${known.email.trim().toLowerCase()}`).slice(0, 32)
  return ctx.accountKey ?? `unknown@${ctx.machineId}`
}

type Seen = Pick<AccountObservation, 'provider' | 'observed_at' | 'observed_source' | 'limit_id' | 'window_name'> &
  Partial<AccountObservation>

/** No window is used by less than nothing, and none has been seen at ten times itself. */
const MOST_PCT = 1_000
const isPlausible = (pct: number | null | undefined): boolean => pct == null || (pct >= 0 && pct <= MOST_PCT)

/** Fills what the source did not say: unknown, never a number. */
export const observation = (seen: Seen, ctx: AccountContext): AccountObservation => ({
  account_key: accountKey(seen.provider, {}, ctx),
  account_label: ctx.accountLabel ?? null,
  used_pct: null,
  resets_at: null,
  source_rank: SOURCE_RANK[seen.observed_source],
  plan: ctx.plan ?? null,
  credits: null,
  status: null,
  ...seen,
  ...(isPlausible(seen.used_pct) ? {} : { status: 'suspect' }),
})

export type Json = Readonly<Record<string, unknown>>

export const asObject = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null

export const asNumber = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null

/** A short foreign word, safe to keep. */
export const asWord = (value: unknown, max = 64): string | null =>
  typeof value === 'string' && value !== '' ? displayText(value, max) : null
