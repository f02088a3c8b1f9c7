import { quantileSorted } from 'simple-statistics'
import { probabilityWithin, Z80 } from './forecast/normal.ts'
import type { Prediction } from './predictions.ts'

/** A moment and how many bytes were used then. */
export interface CapacityPoint {
  readonly ms: number
  readonly usedBytes: number
}

/** What fills up: a filesystem by its mount, or the memory of a machine. */
export interface CapacitySeries {
  readonly kind: 'disk_full' | 'memory_full'
  readonly machineId: string
  readonly subject: string
  /** Bytes at which it is full. */
  readonly limitBytes: number
  /** Oldest first. */
  readonly points: readonly CapacityPoint[]
}

export interface Trend {
  readonly bytesPerMin: number
  /** 80 % interval of it. */
  readonly low: number
  readonly high: number
  /** Mann-Kendall: how many standard deviations this order of values is away from chance. */
  readonly z: number
  readonly points: number
}

const MINUTE_MS = 60_000
const MIN_POINTS = 12
const MIN_SPAN_MS = 60 * MINUTE_MS
/** A trend is spoken of only when chance gives one like it once in a thousand series. */
const MIN_Z = 3.3
const DAY_MIN = 24 * 60
/** What fills up later than this does not worry anybody, and no trend holds that long. */
const FAR_MIN = 60 * DAY_MIN

const slopesOf = (points: readonly CapacityPoint[]): { slopes: number[]; rise: number } => {
  const slopes: number[] = []
  let rise = 0
  for (const [at, a] of points.entries())
    for (const b of points.slice(at + 1)) {
      if (b.ms <= a.ms) continue
      slopes.push(((b.usedBytes - a.usedBytes) * MINUTE_MS) / (b.ms - a.ms))
      rise += Math.sign(b.usedBytes - a.usedBytes)
    }
  return { slopes: slopes.sort((a, b) => a - b), rise }
}

/** Theil-Sen slope with Sen's interval; null where there is too little to go by. */
export const trendOf = (points: readonly CapacityPoint[]): Trend | null => {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length < MIN_POINTS) return null
  if (last.ms - first.ms < MIN_SPAN_MS) return null
  const { slopes, rise } = slopesOf(points)
  if (slopes.length === 0) return null
  const n = points.length
  const spread = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const aside = (Z80 * spread) / 2 / slopes.length
  return {
    bytesPerMin: quantileSorted(slopes, 0.5),
    low: quantileSorted(slopes, Math.max(0, 0.5 - aside)),
    high: quantileSorted(slopes, Math.min(1, 0.5 + aside)),
    z: (rise - Math.sign(rise)) / spread,
    points: n,
  }
}

const minutesAt = (freeBytes: number, bytesPerMin: number): number =>
  bytesPerMin <= 0 ? FAR_MIN * 10 : freeBytes / bytesPerMin

const actionFor = (kind: CapacitySeries['kind'], minutes: number): string =>
  minutes > 7 * DAY_MIN ? 'watch' : kind === 'disk_full' ? 'free_space' : 'free_memory'

/** When it is full if it goes on as lately; null: no trend that can be told from chance, or too far away to matter. */
export const predictFull = (series: CapacitySeries, at: Date): Prediction | null => {
  const points = series.points.filter(({ ms }) => ms <= at.getTime())
  const last = points.at(-1)
  const trend = trendOf(points)
  if (trend === null || last === undefined || trend.z < MIN_Z || trend.low <= 0) return null
  const freeBytes = Math.max(0, series.limitBytes - last.usedBytes)
  const agedMin = (at.getTime() - last.ms) / MINUTE_MS
  const until = (bytesPerMin: number): number => Math.max(0, minutesAt(freeBytes, bytesPerMin) - agedMin)
  const minutes = until(trend.bytesPerMin)
  if (minutes > FAR_MIN) return null
  const interval = { low: until(trend.high), high: until(trend.low) }
  const sigma = Math.log(Math.max(1.05, (interval.high + 1) / (interval.low + 1))) / (2 * Z80)
  const horizonMin = series.kind === 'disk_full' ? DAY_MIN : DAY_MIN / 4
  return {
    kind: series.kind,
    machineId: series.machineId,
    subject: series.subject,
    madeAt: at,
    horizonAt: new Date(at.getTime() + horizonMin * MINUTE_MS),
    outlook: 'forecast',
    valueMinutes: minutes,
    interval,
    probability: probabilityWithin(horizonMin, Math.max(0.5, minutes), sigma),
    action: actionFor(series.kind, minutes),
    advice: { action: actionFor(series.kind, minutes) },
    model: 'theil-sen',
    confidence: Math.min(1, trend.points / 24) * Math.max(0, 1 - agedMin / 60),
    basis: {
      used_bytes: last.usedBytes,
      limit_bytes: series.limitBytes,
      bytes_per_hour: Math.round(trend.bytesPerMin * 60),
      trend_z: Math.round(trend.z * 10) / 10,
      points: trend.points,
      since: new Date(points[0]?.ms ?? 0),
      observed_at: new Date(last.ms),
    },
  }
}

/** What is left free counts as none: nobody can write into the last half percent. */
const FULL_SHARE = 0.995

/**
 * What came of it: full before the horizon or not, and when it would have been at the pace that was (so that a forecast of
 * days can be compared after one). `limitBytes` as it was when said.
 */
export const whatCameOfFull = (
  said: { readonly madeAt: Date; readonly horizonAt: Date; readonly usedBytes: number; readonly limitBytes: number },
  points: readonly CapacityPoint[],
): { outcome: 'came' | 'stayed_away' | 'unknown'; actualMinutes: number | null } => {
  const [madeMs, horizonMs] = [said.madeAt.getTime(), said.horizonAt.getTime()]
  const later = points.filter(({ ms }) => ms > madeMs && ms <= horizonMs)
  const full = later.find(({ usedBytes }) => usedBytes >= said.limitBytes * FULL_SHARE)
  if (full !== undefined) return { outcome: 'came', actualMinutes: (full.ms - madeMs) / MINUTE_MS }
  const last = later.at(-1)
  if (last === undefined || last.ms - madeMs < 0.75 * (horizonMs - madeMs))
    return { outcome: 'unknown', actualMinutes: null }
  const grown = (last.usedBytes - said.usedBytes) / ((last.ms - madeMs) / MINUTE_MS)
  const minutes = grown > 0 ? (said.limitBytes - said.usedBytes) / grown : null
  return { outcome: 'stayed_away', actualMinutes: minutes }
}
