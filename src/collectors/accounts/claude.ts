import { parseInstant } from './instant.ts'
import {
  type AccountContext,
  type AccountObservation,
  accountKey,
  asNumber,
  asObject,
  asWord,
  type Json,
  type ObservedSource,
  observation,
} from './observation.ts'

type Named = Pick<AccountObservation, 'limit_id' | 'window_name'>

// Weekly windows that are not about a model are buckets of their own.
const WEEKLY_BUCKETS = new Set(['oauth_apps', 'overage_included'])

/** Claude's own window names; one it does not know keeps its name as a bucket of unknown length. */
const named = (claudeName: string): Named => {
  if (claudeName === 'five_hour') return { limit_id: 'claude', window_name: '5h' }
  if (claudeName === 'seven_day') return { limit_id: 'claude', window_name: '7d' }
  const weekly = /^seven_day_(.+)$/.exec(claudeName)?.[1]
  if (weekly === undefined) return { limit_id: asWord(claudeName) ?? 'claude', window_name: 'unknown' }
  if (WEEKLY_BUCKETS.has(weekly)) return { limit_id: weekly, window_name: '7d' }
  return { limit_id: 'claude', window_name: `7d:${slug(weekly)}` }
}

const slug = (text: string): string =>
  (asWord(text) ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^-+|-+$/g, '')

// 0.947 × 100 must not become 94.69999999999999.
const fractionToPct = (value: unknown): number | null => {
  const fraction = asNumber(value)
  return fraction === null ? null : Math.round(fraction * 1e8) / 1e6
}

const limitName = (limit: Json): Named => {
  if (limit.kind === 'session') return { limit_id: 'claude', window_name: '5h' }
  if (limit.kind === 'weekly_all') return { limit_id: 'claude', window_name: '7d' }
  const model = asWord(asObject(asObject(limit.scope)?.model)?.display_name)
  if (limit.kind === 'weekly_scoped' && model !== null) return { limit_id: 'claude', window_name: `7d:${slug(model)}` }
  return { limit_id: asWord(limit.kind) ?? 'claude', window_name: 'unknown' }
}

interface Seen extends Named {
  readonly used_pct: number | null
  readonly resets_at: Date | null
  readonly status: string | null
}

const says = (seen: Seen): boolean => seen.used_pct !== null || seen.resets_at !== null

const fromLimits = (limits: unknown): readonly Seen[] =>
  (Array.isArray(limits) ? limits : [])
    .map(asObject)
    .filter((limit) => limit !== null)
    .map((limit) => ({
      ...limitName(limit),
      used_pct: asNumber(limit.percent),
      resets_at: parseInstant(limit.resets_at),
      status: asWord(limit.severity),
    }))
    .filter(says)

const fromWindows = (windows: Json, used: (window: Json) => number | null): readonly Seen[] =>
  Object.entries(windows)
    .map(([name, value]) => ({ name, window: asObject(value) }))
    .filter((entry): entry is { name: string; window: Json } => entry.window !== null)
    .map(({ name, window }) => ({
      ...named(name),
      used_pct: used(window),
      resets_at: parseInstant(window.resets_at ?? window.resetsAt),
      status: asWord(window.status),
    }))
    .filter(says)

const rows = (
  seen: readonly Seen[],
  observedAt: Date,
  source: ObservedSource,
  ctx: AccountContext,
  account: Partial<AccountObservation> = {},
): readonly AccountObservation[] =>
  seen.map((one) =>
    observation({ provider: 'anthropic', observed_at: observedAt, observed_source: source, ...account, ...one }, ctx),
  )

/**
 * `{ cachedUsageUtilization, oauthAccount }` of `.claude.json` (those two keys only). Nothing without its fetch time.
 * `limits[]` is preferred and read by `kind`; older files have one object per window.
 */
export const claudeCachedUsage = (json: unknown, ctx: AccountContext): readonly AccountObservation[] => {
  const cached = asObject(asObject(json)?.cachedUsageUtilization)
  const utilization = asObject(cached?.utilization)
  const observedAt = parseInstant(cached?.fetchedAtMs)
  if (cached === null || utilization === null || observedAt === null) return []
  const { limits, extra_usage: extra, ...windows } = utilization
  const listed = fromLimits(limits)
  const plain = listed.length > 0 ? listed : fromWindows(windows, (window) => asNumber(window.utilization))
  const more = fromWindows({ extra_usage: extra }, (window) => asNumber(window.utilization))
  return rows([...plain, ...more], observedAt, 'claude.cached_usage', ctx, accountOf(json, cached, ctx))
}

/** The logged-in account may have changed since the cache was written: then its mail address is not this one's label. */
const accountOf = (json: unknown, cached: Json, ctx: AccountContext): Partial<AccountObservation> => {
  const login = asObject(asObject(json)?.oauthAccount)
  const loginId = asWord(login?.accountUuid)
  const id = asWord(cached.accountUuid) ?? loginId
  const same = id === null || loginId === null || id === loginId
  const email = same ? asWord(login?.emailAddress, 254) : null
  return {
    account_key: accountKey('anthropic', { id, email }, ctx),
    account_label: email ?? (same ? (ctx.accountLabel ?? null) : null),
  }
}

/** Status-line input (`rate_limits`, 0-100, epoch seconds), which carries no time of its own. */
export const claudeStatusLine = (
  input: unknown,
  observedAt: Date,
  ctx: AccountContext,
): readonly AccountObservation[] => {
  const limits = asObject(asObject(input)?.rate_limits)
  if (limits === null) return []
  return rows(
    fromWindows(limits, (window) => asNumber(window.used_percentage)),
    observedAt,
    'claude.status_line',
    ctx,
  )
}

/** The server's structured word: here utilization is a fraction and may exceed 1. */
const fromRateLimitInfo = (info: Json): readonly Seen[] => {
  const unified = fromWindows(asObject(info.unifiedWindows) ?? {}, (window) => fractionToPct(window.utilization))
  const type = asWord(info.rateLimitType)
  const own: Seen = {
    ...(type === null ? { limit_id: 'claude', window_name: 'unknown' } : named(type)),
    used_pct: fractionToPct(info.utilization),
    resets_at: parseInstant(info.resetsAt),
    status: asWord(info.status),
  }
  const covered = unified.some((one) => one.limit_id === own.limit_id && one.window_name === own.window_name)
  // A plain "allowed" without window, number or time says nothing; a refusal does.
  const empty = !says(own) && (own.status === null || own.status === 'allowed')
  return covered || empty ? unified : [...unified, own]
}

/** A `rate_limit_event` of stream-json; it carries no time of its own. */
export const claudeRateLimitEvent = (
  event: unknown,
  observedAt: Date,
  ctx: AccountContext,
): readonly AccountObservation[] => {
  const info = asObject(asObject(event)?.rate_limit_info)
  return info === null ? [] : rows(fromRateLimitInfo(info), observedAt, 'claude.rate_limit_event', ctx)
}

/** A transcript record with `quotaLimits`: a hit with its reset time, not a percentage (unless one is written). */
export const claudeQuotaLimit = (record: unknown, ctx: AccountContext): readonly AccountObservation[] => {
  const info = asObject(asObject(record)?.quotaLimits)
  const observedAt = parseInstant(asObject(record)?.timestamp)
  return info === null || observedAt === null
    ? []
    : rows(fromRateLimitInfo(info), observedAt, 'claude.quota_limit', ctx)
}
