/** One source's word on one window of one account; the account is resolved already. */
export interface WindowSeen {
  readonly machine_id: string
  readonly provider: string
  readonly account: string
  readonly account_label: string | null
  readonly limit_id: string
  readonly window_name: string
  readonly used_pct: number | null
  readonly resets_at: string | null
  readonly observed_at: string
  readonly observed_source: string
  readonly source_rank: number
  readonly plan: string | null
  readonly credits: string | null
  readonly status: string | null
  /** How an observation without an account was given one. */
  readonly attributed_by: string | null
}

/** What one window is believed to be, and everything that was said of it. */
export interface WindowStanding {
  readonly provider: string
  readonly account: string
  readonly limit_id: string
  readonly window_name: string
  /** Null: unknown, e.g. the observed window has ended since. */
  readonly usedPct: number | null
  readonly resetsAt: string | null
  /** Why `usedPct` is null. */
  readonly unknownBecause: 'window_ended' | 'suspect' | 'not_said' | null
  readonly shown: WindowSeen
  readonly ageS: number
  readonly stale: boolean
  readonly conflicts: readonly string[]
  readonly seen: readonly WindowSeen[]
}

const STALE_S: Readonly<Record<string, number>> = { '5h': 15 * 60 }
export const staleAfterS = (window: string): number => STALE_S[window] ?? 6 * 3600

export const ageOf = (seen: Pick<WindowSeen, 'observed_at'>, atMs: number): number =>
  Math.max(0, Math.floor((atMs - Date.parse(seen.observed_at)) / 1000))

/** A sample whose window has ended says nothing about the next one. */
export const hasEnded = (seen: Pick<WindowSeen, 'resets_at'>, atMs: number): boolean =>
  seen.resets_at !== null && Date.parse(seen.resets_at) <= atMs

const SAME_TIME_MS = 5 * 60_000
const COMPARABLE_MS = 15 * 60_000
const DIFFERENT_POINTS = 5
const DIFFERENT_RESET_MIN = 5

const near = (a: WindowSeen, b: WindowSeen, ms: number): boolean =>
  Math.abs(Date.parse(a.observed_at) - Date.parse(b.observed_at)) <= ms

/** caam tells 1 % as 100 % and 0.5 % as 50 %: another source that sees a hundredth of it knows better. */
export const isHundredfold = (one: WindowSeen, others: readonly WindowSeen[]): boolean =>
  one.observed_source.startsWith('caam.') &&
  one.provider === 'anthropic' &&
  others.some(
    (other) =>
      !other.observed_source.startsWith('caam.') &&
      near(one, other, COMPARABLE_MS) &&
      one.used_pct !== null &&
      other.used_pct !== null &&
      one.used_pct - other.used_pct > DIFFERENT_POINTS &&
      Math.abs(other.used_pct - one.used_pct / 100) <= 1,
  )

const pairConflicts = (a: WindowSeen, b: WindowSeen): readonly string[] => {
  const [names, found] = [`${a.observed_source} and ${b.observed_source}`, [] as string[]]
  if (a.resets_at !== null && b.resets_at !== null) {
    const minutes = Math.abs(Date.parse(a.resets_at) - Date.parse(b.resets_at)) / 60_000
    if (minutes > DIFFERENT_RESET_MIN) found.push(`${names} differ by ${Math.round(minutes)} min on the reset`)
  }
  if (a.used_pct !== null && b.used_pct !== null && near(a, b, COMPARABLE_MS)) {
    const points = Math.abs(a.used_pct - b.used_pct)
    if (points > DIFFERENT_POINTS) found.push(`${names} differ by ${Math.round(points)} points`)
  }
  if (a.plan !== null && b.plan !== null && a.plan !== b.plan)
    found.push(`${a.observed_source} says plan ${a.plan}, ${b.observed_source} says ${b.plan}`)
  return found
}

const bySourceNewest = (seen: readonly WindowSeen[]): readonly WindowSeen[] => [
  ...new Map(seen.toReversed().map((one) => [one.observed_source, one])).values(),
]

const conflictsOf = (fresh: readonly WindowSeen[], shown: WindowSeen): readonly string[] =>
  bySourceNewest(fresh)
    .filter((one) => one.observed_source !== shown.observed_source)
    .flatMap((one) => pairConflicts(shown, one))

/** The newest wins; among those of the same five minutes the more direct source. Nothing is averaged. */
const choose = (usable: readonly WindowSeen[]): WindowSeen | undefined => {
  const newest = usable[0]
  if (newest === undefined) return undefined
  const together = usable.filter((one) => near(one, newest, SAME_TIME_MS))
  return together.toSorted((a, b) => a.source_rank - b.source_rank || b.observed_at.localeCompare(a.observed_at))[0]
}

/** Judges all that was said of one window (one account, limit and window name) at a moment. Null for nothing. */
export const windowStanding = (all: readonly WindowSeen[], atMs: number): WindowStanding | null => {
  const seen = all.toSorted((a, b) => b.observed_at.localeCompare(a.observed_at) || a.source_rank - b.source_rank)
  const open = seen.filter((one) => !hasEnded(one, atMs) && one.used_pct !== null)
  const usable = open.filter((one) => one.status !== 'suspect' && !isHundredfold(one, open))
  const chosen = choose(usable)
  const shown = chosen ?? seen[0]
  if (shown === undefined) return null
  const ageS = ageOf(shown, atMs)
  const why = open.length > 0 ? 'suspect' : seen.some((one) => hasEnded(one, atMs)) ? 'window_ended' : 'not_said'
  const fresh = seen.filter((one) => !hasEnded(one, atMs) && ageOf(one, atMs) <= staleAfterS(one.window_name))
  return {
    provider: shown.provider,
    account: shown.account,
    limit_id: shown.limit_id,
    window_name: shown.window_name,
    usedPct: chosen?.used_pct ?? null,
    resetsAt: hasEnded(shown, atMs) ? null : shown.resets_at,
    unknownBecause: chosen === undefined ? why : null,
    shown,
    ageS,
    stale: chosen === undefined || ageS > staleAfterS(shown.window_name),
    conflicts: conflictsOf(fresh, shown),
    seen,
  }
}

const windowKey = (one: WindowSeen): string => [one.provider, one.account, one.limit_id, one.window_name].join('\u0001')

/** One standing per account, limit and window: an account used from several machines is one. */
export const windowStandings = (all: readonly WindowSeen[], atMs: number): readonly WindowStanding[] =>
  [...Map.groupBy(all, windowKey).values()]
    .map((group) => windowStanding(group, atMs))
    .filter((standing) => standing !== null)
