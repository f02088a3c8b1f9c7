import { mean, quantile } from 'simple-statistics'
import type { Row } from '../core/rows.ts'
import type { UsageObservation } from './forecast/observation.ts'
import { windowRuns } from './forecast/window-runs.ts'

export type Outcome = 'came' | 'stayed_away' | 'unknown'

/** What came of one prediction. Minutes count from when it was made. */
export interface Came {
  readonly outcome: Outcome
  readonly actualMinutes: number | null
}

/** As much of a prediction as scoring needs. */
export interface Said {
  readonly kind: string
  readonly machineId: string
  readonly subject: string
  readonly madeAt: Date
  readonly horizonAt: Date
  readonly valueMinutes: number | null
  readonly low: number | null
  readonly high: number | null
  readonly probability: number | null
}

const MINUTE_MS = 60_000
/** A sample this shortly before the reset tells how the window ended. */
const NEAR_END_MS = 15 * MINUTE_MS
const UNKNOWN: Came = { outcome: 'unknown', actualMinutes: null }

const isFull = (one: UsageObservation): boolean =>
  (one.used_pct ?? 0) >= 100 || one.status === 'rejected' || one.status === 'rate_limit_reached'

/**
 * Whether the window that was foretold filled before its reset: `seen` are the observations of its series around that time.
 * A reset that the provider made early ended it without a limit. Without a word from near or after the end nobody knows.
 */
export const whatCameOfLimit = (said: Pick<Said, 'madeAt' | 'horizonAt'>, seen: readonly UsageObservation[]): Came => {
  const [madeMs, horizonMs] = [said.madeAt.getTime(), said.horizonAt.getTime()]
  const runs = windowRuns(seen)
  const own = runs.findLastIndex(({ points }) => (points[0]?.ms ?? Number.POSITIVE_INFINITY) <= madeMs)
  const nextMs = runs[own + 1]?.points[0]?.ms ?? Number.POSITIVE_INFINITY
  const endMs = Math.min(horizonMs, nextMs)
  const later = seen
    .filter(({ observed_at: at }) => at.getTime() > madeMs && at.getTime() < endMs)
    .toSorted((a, b) => a.observed_at.getTime() - b.observed_at.getTime())
  const full = later.find(isFull)
  if (full !== undefined) return { outcome: 'came', actualMinutes: (full.observed_at.getTime() - madeMs) / MINUTE_MS }
  const lastMs = later.at(-1)?.observed_at.getTime() ?? 0
  const told = nextMs < Number.POSITIVE_INFINITY || horizonMs - lastMs <= NEAR_END_MS
  return told ? { outcome: 'stayed_away', actualMinutes: null } : UNKNOWN
}

const errorOf = (said: number | null, actual: number | null): number | null =>
  said === null || actual === null || actual <= 0 ? null : Math.abs(said - actual) / actual

const inside = ({ low, high }: Said, actual: number | null): boolean | null =>
  low === null || high === null || actual === null ? null : actual >= low && actual <= high

const brierOf = (probability: number | null, outcome: Outcome): number | null =>
  probability === null || outcome === 'unknown' ? null : (probability - (outcome === 'came' ? 1 : 0)) ** 2

export interface Score extends Came {
  readonly relativeError: number | null
  readonly inInterval: boolean | null
  readonly brier: number | null
}

export const scoreOf = (said: Said, came: Came): Score => ({
  ...came,
  relativeError: errorOf(said.valueMinutes, came.actualMinutes),
  inInterval: inside(said, came.actualMinutes),
  brier: brierOf(said.probability, came.outcome),
})

/** One `prediction_scores` row. */
export const scoreRow = (said: Said, came: Came, now: Date): Row => {
  const score = scoreOf(said, came)
  return {
    machine_id: said.machineId,
    kind: said.kind,
    subject: said.subject,
    made_at: said.madeAt,
    scored_at: now,
    outcome: score.outcome,
    actual_minutes: score.actualMinutes,
    relative_error: score.relativeError,
    in_interval: score.inInterval,
    brier: score.brier,
    probability: said.probability,
  }
}

export interface Accuracy {
  readonly scored: number
  readonly known: number
  readonly medianRelativeError: number | null
  readonly p90RelativeError: number | null
  readonly brier: number | null
  readonly coverage80: number | null
}

const over = <Value>(values: readonly (Value | null)[], of: (known: Value[]) => number): number | null => {
  const known = values.filter((value): value is Awaited<Value> & Value => value !== null)
  return known.length === 0 ? null : of(known)
}

/** Nulls: nothing to tell it by. */
export const accuracyOf = (scores: readonly Score[]): Accuracy => ({
  scored: scores.length,
  known: scores.filter(({ outcome }) => outcome !== 'unknown').length,
  medianRelativeError: over(
    scores.map((one) => one.relativeError),
    (errors) => quantile(errors, 0.5),
  ),
  p90RelativeError: over(
    scores.map((one) => one.relativeError),
    (errors) => quantile(errors, 0.9),
  ),
  brier: over(
    scores.map((one) => one.brier),
    mean,
  ),
  coverage80: over(
    scores.map((one) => (one.inInterval === null ? null : Number(one.inInterval))),
    mean,
  ),
})
