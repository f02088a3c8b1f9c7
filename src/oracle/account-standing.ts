import { isOwnLimit, limitName } from '../core/limit-name.ts'
import type { WindowStanding } from './account-window.ts'
import { ageOf } from './account-window.ts'

/** A login of an account tool that can be switched to. */
export interface ProfileNow {
  readonly machine_id: string
  readonly tool: string
  readonly profile_name: string
  readonly active: boolean
  readonly health: string | null
  readonly cooldownUntil: string | null
  /** Why the tool could not ask the provider with it; null: it could, or was not asked. */
  readonly error: string | null
}

/** One account: its windows, its plan, its logins, and what stands in the way of using it. */
export interface AccountStanding {
  readonly provider: string
  readonly account: string
  readonly label: string | null
  readonly keys: readonly string[]
  readonly plan: string | null
  readonly planSource: string | null
  readonly machines: readonly string[]
  readonly profiles: readonly ProfileNow[]
  readonly windows: readonly WindowStanding[]
  /** The window that is fullest among those known now. */
  readonly binding: WindowStanding | null
  /** Least head-room over the known windows, 0 to 100; null: no window is known now. */
  readonly headroomPct: number | null
  readonly nearLimit: boolean
  readonly hitUntil: string | null
  readonly conflicts: readonly string[]
}

/** From here on an account is near its limit. */
export const NEAR_LIMIT_PCT = 80

const used = (window: WindowStanding): number => window.usedPct ?? -1
const nameOfWindow = (window: WindowStanding): string => limitName(window.provider, window.limit_id, window.window_name)

const newestPlan = (windows: readonly WindowStanding[]): { plan: string | null; source: string | null } => {
  const said = windows.flatMap((window) => window.seen).filter((one) => one.plan !== null)
  const newest = said.toSorted((a, b) => b.observed_at.localeCompare(a.observed_at) || a.source_rank - b.source_rank)[0]
  return { plan: newest?.plan ?? null, source: newest?.observed_source ?? null }
}

/** A refusal is a fact even without a number; it holds until its window's reset. That of one model holds nothing else. */
const REFUSED = /^(rejected|rate_limit_reached|.*_reached)$/

const hitUntil = (windows: readonly WindowStanding[], profiles: readonly ProfileNow[], atMs: number): string | null => {
  const resets = windows
    .filter(({ provider, limit_id, window_name }) => isOwnLimit(provider, limit_id, window_name))
    .filter(({ shown, usedPct }) => REFUSED.test(shown.status ?? '') || (usedPct ?? 0) >= 100)
    .map((window) => window.resetsAt)
  const cooled = profiles.map((profile) => profile.cooldownUntil)
  const later = [...resets, ...cooled].filter((until) => until !== null && Date.parse(until) > atMs) as string[]
  return later.sort().at(-1) ?? null
}

export interface AccountFacts {
  readonly provider: string
  readonly account: string
  readonly label: string | null
  readonly keys: readonly string[]
  readonly plan: string | null
  readonly profiles: readonly ProfileNow[]
  readonly windows: readonly WindowStanding[]
}

/** Joins what is known of one account. Pure; `atMs` is the moment asked about. */
export const accountStanding = (facts: AccountFacts, atMs: number): AccountStanding => {
  const windows = facts.windows.toSorted((a, b) => used(b) - used(a) || a.window_name.localeCompare(b.window_name))
  const known = windows.filter((window) => window.usedPct !== null)
  const binding = known[0] ?? null
  const plan = newestPlan(windows)
  const machines = [...windows.flatMap((one) => one.seen), ...facts.profiles].map((one) => one.machine_id)
  return {
    ...facts,
    windows,
    plan: plan.plan ?? facts.plan,
    planSource: plan.source ?? (facts.plan === null ? null : 'caam'),
    machines: [...new Set(machines)].sort(),
    binding,
    headroomPct: binding === null ? null : Math.max(0, 100 - used(binding)),
    nearLimit: used(binding ?? ({ usedPct: null } as WindowStanding)) >= NEAR_LIMIT_PCT,
    hitUntil: hitUntil(windows, facts.profiles, atMs),
    conflicts: [
      ...new Set(windows.flatMap((window) => window.conflicts.map((text) => `${nameOfWindow(window)}: ${text}`))),
    ],
  }
}

const nameOf = (account: AccountStanding): string => account.label ?? account.account

/** One line for the fleet screen, or null when no account asks for attention. */
export const accountsLine = (accounts: readonly AccountStanding[], atMs: number): string | null => {
  const near = accounts
    .filter((account) => account.nearLimit || account.hitUntil !== null)
    .toSorted((a, b) => (a.headroomPct ?? 0) - (b.headroomPct ?? 0))
  if (near.length === 0) return null
  const words = near.slice(0, 3).map((account) => {
    const { binding } = account
    if (binding === null) return `${nameOf(account)} held until ${(account.hitUntil ?? '').slice(11, 16)} UTC`
    const age = Math.floor(ageOf(binding.shown, atMs) / 60)
    return `${nameOf(account)} ${nameOfWindow(binding)} ${Math.round(used(binding))} % (${age} min ago)`
  })
  return `${near.length} near limit: ${words.join(', ')}${near.length > 3 ? ', …' : ''}`
}
