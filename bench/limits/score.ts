import { mean, quantile } from 'simple-statistics'
import { adviseOn } from '../../src/oracle/forecast/limit-advice.ts'
import { forecastLimit } from '../../src/oracle/forecast/rate-limit.ts'
import { makeTrace, TRACE_KINDS, type TraceKind } from './trace.ts'

/** One forecast beside what happened and beside the straight line through the first and the last point. */
export interface Scored {
  readonly kind: TraceKind
  readonly error: number
  readonly straightError: number
  readonly covered: boolean
  readonly brier: number
  readonly straightBrier: number
  readonly wrongSwap: boolean
  /** Swap advised although the forecast itself says that the reset comes first. */
  readonly absurdSwap: boolean
}

const NEVER_MIN = 1_000

function straightLine(points: readonly { readonly used_pct: number | null; readonly observed_at: Date }[]): number {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return NEVER_MIN
  const perMinute =
    ((last.used_pct ?? 0) - (first.used_pct ?? 0)) /
    ((last.observed_at.getTime() - first.observed_at.getTime()) / 60_000)
  return perMinute > 0 ? (100 - (last.used_pct ?? 0)) / perMinute : NEVER_MIN
}

const SPARE = { accountKey: 'spare', headRoomPct: 80, cacheLossMicrousd: null }

function scoreTrace(kind: TraceKind, seed: number): readonly Scored[] {
  const { observations, instants } = makeTrace(kind, seed)
  return instants.map(({ window, at, trueMinutes, resetMinutes }) => {
    const seen = observations.filter((one) => one.window === window)
    const said = forecastLimit(seen, at)
    const minutes = said.minutesToLimit ?? NEVER_MIN
    const straight = straightLine(seen)
    const hit = trueMinutes < resetMinutes ? 1 : 0
    const { action } = adviseOn(said, [SPARE])
    const swap = action === 'swap_now' || action === 'prepare_swap'
    return {
      kind,
      error: Math.abs(minutes - trueMinutes) / trueMinutes,
      straightError: Math.abs(straight - trueMinutes) / trueMinutes,
      covered: said.interval !== null && trueMinutes >= said.interval.low && trueMinutes <= said.interval.high,
      brier: ((said.probability ?? 0) - hit) ** 2,
      straightBrier: ((straight < resetMinutes ? 1 : 0) - hit) ** 2,
      wrongSwap: swap && hit === 0,
      absurdSwap: swap && minutes >= resetMinutes,
    }
  })
}

/** Forecasts on seeded traces of every kind, `perKind` each. */
export const scoreTraces = (perKind: number, seed = 0): readonly Scored[] =>
  TRACE_KINDS.flatMap((kind) => Array.from({ length: perKind }, (_, at) => scoreTrace(kind, seed + at + 1)).flat())

export interface LimitScore {
  readonly n: number
  readonly median: number
  readonly p90: number
  readonly coverage: number
  readonly brier: number
  readonly wrongSwaps: number
  readonly absurdSwaps: number
  readonly straight: { readonly median: number; readonly p90: number; readonly brier: number }
}

const share = (items: readonly Scored[], of: (item: Scored) => boolean): number =>
  items.filter(of).length / items.length

export const summarise = (scored: readonly Scored[], kind?: TraceKind): LimitScore => {
  const items = kind === undefined ? scored : scored.filter((item) => item.kind === kind)
  const [errors, straight] = [items.map(({ error }) => error), items.map(({ straightError }) => straightError)]
  return {
    n: items.length,
    median: quantile(errors, 0.5),
    p90: quantile(errors, 0.9),
    coverage: share(items, ({ covered }) => covered),
    brier: mean(items.map(({ brier }) => brier)),
    wrongSwaps: share(items, ({ wrongSwap }) => wrongSwap),
    absurdSwaps: share(items, ({ absurdSwap }) => absurdSwap),
    straight: {
      median: quantile(straight, 0.5),
      p90: quantile(straight, 0.9),
      brier: mean(items.map((item) => item.straightBrier)),
    },
  }
}
