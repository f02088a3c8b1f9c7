import { isOwnLimit } from '../core/limit-name.ts'
import type { AccountStanding } from './account-standing.ts'
import type { WindowStanding } from './account-window.ts'

/** One account weighed for use next. */
export interface Candidate {
  readonly account: AccountStanding
  readonly usable: boolean
  /** For and against, in order of weight. */
  readonly reasons: readonly string[]
  readonly headroomPct: number | null
  /** Where and how to switch, in caam's own spelling; null: nothing to switch, or it would not work. */
  readonly command: { readonly machine: string; readonly command: string } | null
  readonly whyNoCommand: string | null
}

export type Recommendation =
  | { readonly is: 'use'; readonly best: Candidate; readonly others: readonly Candidate[] }
  | { readonly is: 'none'; readonly why: string; readonly others: readonly Candidate[] }

const FRESH_S = 30 * 60

const resetAfterUse = (window: WindowStanding): boolean => window.unknownBecause === 'window_ended'

const windowWords = (window: WindowStanding): string => {
  const age = window.ageS < 120 ? `${window.ageS} s` : `${Math.floor(window.ageS / 60)} min`
  if (resetAfterUse(window)) return `${window.window_name}: has reset since it was last seen (${age} ago)`
  if (window.usedPct === null) return `${window.window_name}: unknown (${window.unknownBecause ?? 'not said'})`
  const resets = window.resetsAt === null ? '' : `, resets ${window.resetsAt.slice(0, 16).replace('T', ' ')} UTC`
  return `${window.window_name}: ${Math.round(window.usedPct)} % used${resets}, seen ${age} ago by ${window.shown.observed_source}`
}

// An idle account's share stays as it is until its reset, but only a fresh look knows that it was idle.
const knows = (window: WindowStanding): boolean =>
  resetAfterUse(window) || (window.usedPct !== null && window.ageS <= FRESH_S)

/** The windows that decide: the account's own, not those of one model or of extra money. */
const deciding = (account: AccountStanding): readonly WindowStanding[] =>
  account.windows.filter((window) => isOwnLimit(window.provider, window.limit_id, window.window_name))

const obstacles = (account: AccountStanding, windows: readonly WindowStanding[]): readonly string[] => {
  const full = windows.filter((window) => (window.usedPct ?? 0) >= 100).map((window) => `${window.window_name} is full`)
  const held = account.hitUntil === null ? [] : [`held until ${account.hitUntil.slice(0, 16).replace('T', ' ')} UTC`]
  const stale = windows.filter((window) => !knows(window))
  if (windows.length === 0) return [...held, 'no fresh observation']
  return [
    ...full,
    ...held,
    ...(stale.length > 0 ? [`no fresh observation of ${stale.map((window) => window.window_name).join(', ')}`] : []),
  ]
}

const headroomOf = (windows: readonly WindowStanding[]): number | null =>
  windows.length === 0
    ? null
    : Math.max(0, 100 - Math.max(...windows.map((window) => (resetAfterUse(window) ? 0 : (window.usedPct ?? 100)))))

// What goes into a command line a person may paste: nothing a shell reads twice.
const PLAIN_WORD = /^[A-Za-z0-9_][A-Za-z0-9._@+-]*$/

const switchTo = (account: AccountStanding, atMs: number): Pick<Candidate, 'command' | 'whyNoCommand'> => {
  const none = (whyNoCommand: string) => ({ command: null, whyNoCommand })
  const inUse = account.profiles.find((profile) => profile.active)
  if (inUse !== undefined) return none(`in use already on ${inUse.machine_id}`)
  if (account.profiles.length === 0) return none('caam keeps no login of it, so that there is nothing to switch to')
  const cooled = (until: string | null): boolean => until !== null && Date.parse(until) > atMs
  const works = account.profiles.filter(
    (one) => one.error === null && !cooled(one.cooldownUntil) && PLAIN_WORD.test(one.profile_name),
  )
  const one = works[0]
  if (one === undefined) return none(whyUnusable(account.profiles[0]?.error ?? null))
  return {
    command: { machine: one.machine_id, command: `caam activate ${one.tool} ${one.profile_name}` },
    whyNoCommand: null,
  }
}

const whyUnusable = (error: string | null): string =>
  error === null ? 'its login cools down, or its name needs quoting' : `caam could not use its login: ${error}`

const weigh = (account: AccountStanding, atMs: number): Candidate => {
  const windows = deciding(account)
  const against = obstacles(account, windows)
  const headroomPct = headroomOf(windows.filter(knows))
  return {
    account,
    usable: against.length === 0,
    reasons: [...against, ...windows.map(windowWords), ...account.conflicts.map((text) => `sources disagree: ${text}`)],
    headroomPct,
    ...switchTo(account, atMs),
  }
}

const better = (a: Candidate, b: Candidate): number =>
  Number(b.usable) - Number(a.usable) ||
  Number(a.account.conflicts.length > 0) - Number(b.account.conflicts.length > 0) ||
  (b.headroomPct ?? -1) - (a.headroomPct ?? -1) ||
  a.account.account.localeCompare(b.account.account)

/**
 * Which account of one provider to use next. Only what was seen in the last 30 minutes, or has reset since, counts;
 * where that is nothing the answer is that, not a guess.
 */
export const recommendAccount = (accounts: readonly AccountStanding[], atMs: number): Recommendation => {
  const [best, ...others] = accounts
    .filter((account) => !account.account.startsWith('unknown@'))
    .map((account) => weigh(account, atMs))
    .sort(better)
  if (best === undefined) return { is: 'none', why: 'no account is known', others: [] }
  if (best.usable) return { is: 'use', best, others }
  const all = [best, ...others]
  const blind = all.every((one) => one.reasons.some((reason) => reason.startsWith('no fresh observation')))
  return { is: 'none', why: blind ? 'no fresh observation' : 'no account has head-room that is known', others: all }
}
