import type { UsagePoint, WindowRun } from './observation.ts'

const MINUTE_MS = 60_000

/** Work done since the first observation, in percent of the window, as a curve over minutes; resets are joined over. */
export interface WorkCurve {
  readonly minutes: readonly number[]
  readonly work: readonly number[]
  /** Smallest step of the source's percentages: 1 where it shows whole ones. */
  readonly stepPct: number
}

export const stepOf = (points: readonly UsagePoint[]): number =>
  points.every(({ pct }) => Number.isInteger(pct)) ? 1 : 0.1

/**
 * The points of one run as the moments at which a level was crossed. A whole percent stands for a stretch of usage: only the
 * moment between its last and its first sight of the next one says something.
 */
export function crossings(points: readonly UsagePoint[], stepPct: number): readonly UsagePoint[] {
  if (stepPct < 1) return points
  const kept: UsagePoint[] = []
  for (const [at, point] of points.entries()) {
    const before = points[at - 1]
    if (before === undefined) kept.push(point)
    else if (point.pct > before.pct) kept.push({ ms: (before.ms + point.ms) / 2, pct: point.pct - stepPct / 2 })
  }
  const last = points.at(-1)
  const end = kept.at(-1)
  // a level that has stood for long says that little was used since
  if (last !== undefined && end !== undefined && last.ms > end.ms) {
    const rate = kept.length > 2 ? (end.pct - (kept[0]?.pct ?? 0)) / (end.ms - (kept[0]?.ms ?? 0)) : 0
    kept.push({ ms: last.ms, pct: Math.min(last.pct + stepPct / 2, end.pct + rate * (last.ms - end.ms)) })
  }
  return kept
}

/** All runs as one growing curve. What was used between the last sight before a reset and the first after it is the latter. */
export function workCurve(runs: readonly WindowRun[]): WorkCurve {
  const stepPct = stepOf(runs.flatMap(({ points }) => points))
  const minutes: number[] = []
  const work: number[] = []
  let done = 0
  for (const run of runs) {
    let before: number | null = null
    for (const { ms, pct } of crossings(run.points, stepPct)) {
      done += Math.max(0, before === null ? (minutes.length === 0 ? 0 : pct) : pct - before)
      before = pct
      const minute = ms / MINUTE_MS
      if (minutes.length > 0 && minute <= (minutes.at(-1) ?? 0)) work[work.length - 1] = done
      else {
        minutes.push(minute)
        work.push(done)
      }
    }
  }
  return { minutes, work, stepPct }
}

/** Index of the last point at or before `minute`; -1 before the first. */
const indexAt = (curve: WorkCurve, minute: number): number => {
  let [low, high] = [0, curve.minutes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((curve.minutes[middle] ?? 0) <= minute) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Work by a minute, straight between points; flat outside. */
export function workAt(curve: WorkCurve, minute: number): number {
  const at = indexAt(curve, minute)
  const [a, b] = [curve.minutes[at], curve.minutes[at + 1]]
  if (a === undefined) return curve.work[0] ?? 0
  const base = curve.work[at] ?? 0
  return b === undefined ? base : base + (((curve.work[at + 1] ?? base) - base) * (minute - a)) / (b - a)
}

/** First minute at which the work is done; null when it never was. */
export function minuteOf(curve: WorkCurve, work: number): number | null {
  let [low, high] = [0, curve.work.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((curve.work[middle] ?? 0) < work) low = middle + 1
    else high = middle
  }
  if (low >= curve.work.length) return null
  const [a, b] = [curve.minutes[low - 1], curve.minutes[low]]
  if (a === undefined || b === undefined) return curve.minutes[low] ?? null
  const [wa, wb] = [curve.work[low - 1] ?? 0, curve.work[low] ?? 0]
  return wb > wa ? a + ((b - a) * (work - wa)) / (wb - wa) : b
}
