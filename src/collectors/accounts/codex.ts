import { parseInstant, secondsAfter } from './instant.ts'
import {
  type AccountContext,
  type AccountObservation,
  asNumber,
  asObject,
  asWord,
  type Json,
  observation,
} from './observation.ts'

/** Windows are named by their length, never by their slot: a plan may send the weekly one alone in slot one. */
const windowName = (minutes: number | null): string => {
  if (minutes === null) return 'unknown'
  if (minutes >= 250 && minutes <= 350) return '5h'
  if (minutes >= 9_000 && minutes <= 11_000) return '7d'
  return `${Math.round(minutes)}m`
}

const creditsText = (credits: Json | null): string | null => {
  if (credits === null) return null
  if (credits.unlimited === true) return 'unlimited'
  return asWord(credits.balance) ?? (credits.has_credits === false ? 'none' : null)
}

const windowOf = (slot: Json, lineAt: Date) => ({
  window_name: windowName(asNumber(slot.window_minutes)),
  used_pct: asNumber(slot.used_percent),
  resets_at: parseInstant(slot.resets_at) ?? secondsAfter(lineAt, slot.resets_in_seconds),
})

/** The word "reached" belongs to the full window; where none is full, to all, since the line does not say which. */
const markReached = (rows: readonly AccountObservation[], reached: string | null): readonly AccountObservation[] => {
  if (reached === null) return rows
  const full = rows.filter((row) => (row.used_pct ?? 0) >= 100)
  return rows.map((row) => (full.length === 0 || full.includes(row) ? { ...row, status: reached } : row))
}

/**
 * The `rate_limits` of a Codex `token_count` payload, recorded forms since 2025. `rate_limits: null` says nothing: no rows.
 * Call it for lines of genuine responses only: a fork copies old lines under new timestamps.
 */
export const codexRateLimits = (
  payload: unknown,
  lineTs: Date | string,
  ctx: AccountContext,
): readonly AccountObservation[] => {
  const limits = asObject(asObject(payload)?.rate_limits)
  const lineAt = parseInstant(lineTs)
  if (limits === null || lineAt === null) return []
  const limitId = asWord(limits.limit_id) ?? 'codex'
  const common = {
    provider: 'openai',
    observed_at: lineAt,
    observed_source: 'codex.rollout',
    plan: asWord(limits.plan_type) ?? ctx.plan ?? null,
    credits: creditsText(asObject(limits.credits)),
  } as const
  const rows: AccountObservation[] = []
  for (const name of ['primary', 'secondary'] as const) {
    const slot = asObject(limits[name])
    if (slot === null) continue
    const seen = windowOf(slot, lineAt)
    if (seen.used_pct === null && seen.resets_at === null) continue
    // Two windows of one name would overwrite each other in the series.
    const clash = rows.some((row) => row.window_name === seen.window_name)
    rows.push(observation({ ...common, ...seen, limit_id: clash ? `${limitId}:${name}` : limitId }, ctx))
  }
  return markReached(rows, asWord(limits.rate_limit_reached_type))
}
