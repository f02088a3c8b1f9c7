import type { Row } from '../../core/rows.ts'
import { type AccountObservation, observation, parseInstant, profileAccountKey, providerOf } from '../accounts/index.ts'
import { type JsonObject, numberOf, objectOf, objectsOf, parseExact, stringOf, unknownFields } from '../foreign-json.ts'
import { type Identities, identityOf } from './identities.ts'

/** What `caam limits` answered of one profile. */
export interface LimitsAnswer {
  readonly tool: string
  readonly profile: string
  readonly provider: string
  readonly accountKey: string
  readonly error: string | null
  readonly observedAt: Date
}

export interface Limits {
  readonly rows: readonly Row[]
  readonly observations: readonly AccountObservation[]
  readonly answers: readonly LimitsAnswer[]
  readonly unknown: number
}

const NS_PER_MIN = 60_000_000_000

const windowName = (durationNs: number | null): string => {
  const minutes = durationNs === null || durationNs <= 0 ? null : durationNs / NS_PER_MIN
  if (minutes === null) return 'unknown'
  if (minutes >= 250 && minutes <= 350) return '5h'
  if (minutes >= 9_000 && minutes <= 11_000) return '7d'
  return `${Math.round(minutes)}m`
}

// 0.29 × 100 must not become 28.999999999999996, and `used_percent` is cut to 28.
const utilizationPct = (window: JsonObject): number | null => {
  const fraction = numberOf(window.utilization)
  return fraction === null ? null : Math.round(fraction * 1e8) / 1e6
}

const NEWBORN_H: Readonly<Record<string, number>> = { '5h': 4, '7d': 6 * 24 }

/**
 * caam takes a Claude value of 1 (percent) or less for a fraction, so that 1 % arrives as 100 %: a full window that has
 * only just begun is not believed.
 */
const isSuspect = (provider: string, name: string, pct: number | null, resetsAt: Date | null, at: Date): boolean => {
  const newborn = NEWBORN_H[name]
  if (provider !== 'anthropic' || pct !== 100 || newborn === undefined) return false
  return resetsAt === null || resetsAt.getTime() - at.getTime() > newborn * 3_600_000
}

const creditsOf = (credits: JsonObject | null): string | null => {
  if (credits === null) return null
  if (credits.unlimited === true) return 'unlimited'
  return stringOf(credits.balance, 32) ?? (credits.has_credits === false ? 'none' : null)
}

const KNOWN = new Set(
  'provider profile_name usage primary_window secondary_window tertiary_window model_windows credits plan_type rate_limit_tier fetched_at error burn_rate estimated_depletion depletion_confidence'.split(' '),
) // biome-ignore format: a list of names

/** The array of `caam limits --format json`; null when the text is no array of profiles. */
export const parseLimits = (text: string, machineId: string, identities: Identities): Limits | null => {
  const list = parseExact(text)
  if (!Array.isArray(list)) return null
  const entries = objectsOf(list)
  if (entries.length === 0 && list.length > 0) return null
  const read = entries.map((entry) => profileLimits(entry, machineId, identities)).filter((one) => one !== null)
  if (read.length === 0 && entries.length > 0) return null
  return {
    rows: read.flatMap((one) => one.rows),
    observations: read.flatMap((one) => one.observations),
    answers: read.map((one) => one.answer),
    unknown: unknownFields([...entries, ...entries.map((one) => objectOf(one.usage) ?? {})], KNOWN),
  }
}

const profileLimits = (entry: JsonObject, machineId: string, identities: Identities) => {
  const usage = objectOf(entry.usage)
  const [tool, profile] = [stringOf(entry.provider, 64), stringOf(entry.profile_name, 128)]
  const observedAt = parseInstant(usage?.fetched_at)
  if (usage === null || tool === null || profile === null || observedAt === null) return null
  const identity = identityOf(profile, null, identities[`${tool}/${profile}`])
  const provider = providerOf(tool)
  const accountKey = profileAccountKey({ provider, id: identity.id, email: identity.email, profile }, machineId)
  const plan = stringOf(usage.plan_type, 64)
  const credits = creditsOf(objectOf(usage.credits))
  const common = { provider, profile_name: profile, account_key: accountKey, observed_at: observedAt, plan, credits }
  const windows = windowsOf(usage, provider, observedAt)
  const error = stringOf(usage.error, 200)
  const none = {
    window_name: 'none',
    utilization_pct: null,
    resets_at: null,
    status: error === null ? 'no_data' : 'error',
  }
  const rows: Row[] =
    windows.length === 0 ? [{ ...common, ...none, error }] : windows.map((window) => ({ ...common, ...window, error }))
  const said = {
    provider,
    account_key: accountKey,
    account_label: identity.email ?? profile,
    plan: plan ?? identity.plan,
    credits,
  }
  const observations = windows.map(({ utilization_pct: used_pct, resets_at, window_name, status }) =>
    observation(
      {
        ...said,
        limit_id: tool,
        window_name,
        used_pct,
        resets_at,
        status,
        observed_at: observedAt,
        observed_source: 'caam.limits',
      },
      { machineId },
    ),
  )
  return { rows, observations, answer: { tool, profile, provider, accountKey, error, observedAt } }
}

interface Window {
  readonly window_name: string
  readonly utilization_pct: number | null
  readonly resets_at: Date | null
  readonly status: string
}

const windowsOf = (usage: JsonObject, provider: string, at: Date): readonly Window[] => {
  const found: Window[] = []
  for (const slot of ['primary_window', 'secondary_window', 'tertiary_window'] as const) {
    const window = objectOf(usage[slot])
    const pct = window === null ? null : utilizationPct(window)
    if (window === null || pct === null) continue
    const named = windowName(numberOf(window.window_duration))
    const name =
      slot === 'tertiary_window' || found.some((one) => one.window_name === named) ? `${named}:${slot}` : named
    // Go's zero time means unknown and is none of parseInstant's years.
    const resetsAt = parseInstant(window.resets_at)
    const suspect = isSuspect(provider, named, pct, resetsAt, at)
    found.push({ window_name: name, utilization_pct: pct, resets_at: resetsAt, status: suspect ? 'suspect' : 'ok' })
  }
  return found
}
