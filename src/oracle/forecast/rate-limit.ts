import { probabilityWithin, Z80 } from './normal.ts'
import type { UsageObservation, WindowRun } from './observation.ts'
import { timeToGain } from './time-to-gain.ts'
import { directOnes, sameReset, windowRuns } from './window-runs.ts'
import { workCurve } from './work-curve.ts'

/**
 * `forecast`: said below. `hit`: used up now. `still`: nothing was used lately. `insufficient_data`: too few values for a pace.
 * `reset_passed`: the newest sample is of a window that is over. `unknown`: no percentage was ever seen.
 */
export type LimitOutlook = 'forecast' | 'hit' | 'still' | 'insufficient_data' | 'reset_passed' | 'unknown'

export interface LimitForecast {
  readonly at: Date
  readonly outlook: LimitOutlook
  readonly usedPct: number | null
  readonly observedAt: Date | null
  readonly resetsAt: Date | null
  readonly minutesToReset: number | null
  /** Minutes until 100 %, whether a reset comes first or not; 0 when hit, null when nothing can be said. */
  readonly minutesToLimit: number | null
  /** 80 % interval of it, in minutes. */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** That the limit comes before the reset; null when the reset is not known or nothing can be said. */
  readonly probability: number | null
  /** 0-1: how much there is to go by. */
  readonly confidence: number
  /** What lowers the confidence, in words. */
  readonly doubts: readonly string[]
  readonly model: string | null
  /** Percent per hour that would just last until the reset. */
  readonly sustainablePctPerHour: number | null
}

const MINUTE_MS = 60_000
/** What was used before that says nothing of the present pace. */
export const LOOK_BACK_MS = 6 * 60 * MINUTE_MS
const MIN_VALUES = 3
const MIN_SPAN_MIN = 20
const CONFLICT_PCT = 5
/** Freshness is full below the first and none above the second, in minutes. */
const FRESH_MIN: Readonly<Record<'short' | 'long', readonly [number, number]>> = { short: [10, 60], long: [10, 720] }

const freshness = (ageMin: number, window: string): number => {
  const [full, none] = FRESH_MIN[window.startsWith('7d') ? 'long' : 'short']
  return Math.max(0, Math.min(1, (none - ageMin) / (none - full)))
}

/** Observations of other sources that say something else of the present window. */
function conflicts(seen: readonly UsageObservation[], run: WindowRun, last: number): readonly string[] {
  const since = run.points[0]?.ms ?? 0
  const direct = new Set<UsageObservation>(directOnes(seen))
  const others = seen.filter((one) => !direct.has(one) && one.observed_at.getTime() >= since && one.used_pct !== null)
  const newest = others.at(-1)
  return newest?.used_pct != null && Math.abs(newest.used_pct - last) > CONFLICT_PCT
    ? [`${newest.source} says ${newest.used_pct} % instead of ${last} %`]
    : []
}

type Known = Pick<
  LimitForecast,
  'at' | 'usedPct' | 'observedAt' | 'resetsAt' | 'minutesToReset' | 'sustainablePctPerHour'
>

const silent = (known: Known, outlook: LimitOutlook, doubts: readonly string[]): LimitForecast => ({
  ...known,
  outlook,
  minutesToLimit: null,
  interval: null,
  probability: outlook === 'still' ? 0 : null,
  confidence: 0,
  doubts,
  model: null,
})

const hit = (known: Known): LimitForecast => ({
  ...known,
  outlook: 'hit',
  minutesToLimit: 0,
  interval: { low: 0, high: 0 },
  probability: 1,
  confidence: 1,
  doubts: [],
  model: null,
})

const isHit = (seen: UsageObservation | undefined): boolean =>
  seen !== undefined &&
  ((seen.used_pct ?? 0) >= 100 || seen.status === 'rejected' || seen.status === 'rate_limit_reached')

const knownOf = (at: Date, run: WindowRun): Known => {
  const last = run.points.at(-1)
  const minutesToReset = run.resetsMs === null ? null : (run.resetsMs - at.getTime()) / MINUTE_MS
  const left = last === undefined ? null : 100 - last.pct
  return {
    at,
    usedPct: last?.pct ?? null,
    observedAt: last === undefined ? null : new Date(last.ms),
    resetsAt: run.resetsMs === null ? null : new Date(run.resetsMs),
    minutesToReset,
    sustainablePctPerHour:
      left === null || minutesToReset === null || minutesToReset <= 0 ? null : (left * 60) / minutesToReset,
  }
}

const NOTHING: Omit<Known, 'at'> = {
  usedPct: null, observedAt: null, resetsAt: null, minutesToReset: null, sustainablePctPerHour: null,
} // biome-ignore format: all unknown

/** Runs before this one tell a pace, too, but not by one look each: two looks at two windows are no course of anything. */
const enough = (run: WindowRun, before: readonly WindowRun[]): boolean => {
  const points = [...before, run].flatMap((one) => one.points)
  const values = new Set(points.map(({ pct }) => pct)).size
  const [first, last] = [run.points[0]?.ms ?? 0, run.points.at(-1)?.ms ?? 0]
  return values >= MIN_VALUES || (values > 1 && last - first >= MIN_SPAN_MIN * MINUTE_MS)
}

/** A provider may reset a window early, but hardly this often within the hours that are looked at. */
const MAX_FALLS = 2

/** How often usage fell while the reset time, which is known, stayed: no usage does that, so the numbers are of something else. */
const fallsWithoutReset = (runs: readonly WindowRun[]): number =>
  runs.filter(({ resetsMs }, at) => {
    const before = runs[at - 1]?.resetsMs ?? null
    return resetsMs !== null && before !== null && sameReset(before, resetsMs)
  }).length

/**
 * When one window of one account will be used up, as known at `at`: `seen` are the observations of that account, limit and
 * window; later ones are ignored. A reset time is never made up: without one there is no probability.
 */
export function forecastLimit(seen: readonly UsageObservation[], at: Date): LimitForecast {
  const from = at.getTime() - LOOK_BACK_MS
  const past = seen
    .filter(({ observed_at }) => observed_at <= at)
    .toSorted((a, b) => a.observed_at.getTime() - b.observed_at.getTime())
  const runs = windowRuns(past)
  const run = runs.at(-1)
  const last = run?.points.at(-1)
  if (run === undefined || last === undefined)
    return silent({ at, ...NOTHING }, 'unknown', ['no percentage was ever seen'])
  const known = knownOf(at, run)
  if (run.resetsMs !== null && run.resetsMs <= at.getTime())
    return silent(known, 'reset_passed', ['the newest sample is of a window that is over'])
  if (isHit(past.at(-1)) || last.pct >= 100) return hit(known)
  const recent = runs
    .map((one) => ({ ...one, points: one.points.filter(({ ms }) => ms >= from) }))
    .filter(({ points }) => points.length > 0)
  const present = recent.at(-1)
  if (fallsWithoutReset(recent) > MAX_FALLS)
    return silent(known, 'insufficient_data', ['it falls again and again although its window did not reset'])
  if (present === undefined || !enough(present, recent.slice(0, -1)))
    return silent(known, 'insufficient_data', ['fewer than three different values'])
  return paced(known, { past, run: present, recent, at, window: past[0]?.window ?? '' })
}

interface Evidence {
  readonly past: readonly UsageObservation[]
  readonly run: WindowRun
  readonly recent: readonly WindowRun[]
  readonly at: Date
  readonly window: string
}

function paced(known: Known, { past, run, recent, at, window }: Evidence): LimitForecast {
  const last = run.points.at(-1) ?? { ms: at.getTime(), pct: 0 }
  const ageMin = (at.getTime() - last.ms) / MINUTE_MS
  const said = timeToGain(100 - last.pct, workCurve(recent), last.ms / MINUTE_MS)
  if (said === null) return silent(known, 'still', ['nothing was used lately'])
  const minutes = Math.max(0.5, said.minutes - ageMin)
  // an old sample leaves more open
  const sigma = Math.hypot(said.sigma, ageMin / Math.max(5, said.minutes) / 3)
  const disputed = conflicts(past, run, last.pct)
  const values = new Set(run.points.map(({ pct }) => pct)).size
  const fresh = freshness(ageMin, window)
  return {
    ...known,
    outlook: 'forecast',
    minutesToLimit: minutes,
    interval: { low: minutes * Math.exp(-Z80 * sigma), high: minutes * Math.exp(Z80 * sigma) },
    probability: known.minutesToReset === null ? null : probabilityWithin(known.minutesToReset, minutes, sigma),
    confidence: Math.min(1, values / 6) * fresh * (disputed.length > 0 ? 0.5 : 1),
    doubts: [
      ...disputed,
      ...(fresh < 0.8 ? [`the newest sample is ${Math.round(ageMin)} min old`] : []),
      ...(values < 6 ? [`only ${values} different values in this window`] : []),
      ...(known.minutesToReset === null ? ['no source says when it resets'] : []),
    ],
    model: said.model,
  }
}
