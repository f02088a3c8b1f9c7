import { mean, quantile } from 'simple-statistics'
import { type Alternative, adviseOn, type LimitAdvice } from '../oracle/forecast/limit-advice.ts'
import type { UsageObservation } from '../oracle/forecast/observation.ts'
import { forecastLimit, type LimitForecast } from '../oracle/forecast/rate-limit.ts'
import type { BacktestInstant } from './backtest-lines.ts'

const MINUTE_MS = 60_000

/** What a later observation proved. Null members: the file does not say. */
export interface Actual {
  readonly minutes_to_limit: number | null
  readonly hit_before_reset: boolean | null
}

export interface BacktestForecast {
  readonly account_key: string
  readonly limit_id: string
  readonly window: string
  readonly at: string
  readonly outlook: LimitForecast['outlook']
  readonly used_pct: number | null
  readonly resets_at: string | null
  readonly minutes_to_reset: number | null
  readonly minutes_to_limit: number | null
  /** 80 % interval. */
  readonly interval_minutes: { readonly low: number; readonly high: number } | null
  readonly probability_before_reset: number | null
  readonly confidence: number
  readonly doubts: readonly string[]
  readonly model: string | null
  readonly action: LimitAdvice['action']
  readonly advice: LimitAdvice
  readonly actual: Actual
}

export interface BacktestReport {
  readonly forecasts: readonly BacktestForecast[]
  /** Over instants whose outcome the observations show; null members: none did. */
  readonly accuracy: {
    readonly outcomes: number
    readonly median_relative_error: number | null
    readonly p90_relative_error: number | null
    readonly brier: number | null
    readonly coverage_80: number | null
  }
}

const seriesKey = (one: { account_key: string; window: string }, limitId: string): string =>
  [one.account_key, limitId, one.window].join('\u0000')

type Series = ReadonlyMap<string, readonly UsageObservation[]>

const seriesOf = (observations: readonly UsageObservation[]): Series => {
  const sorted = observations.toSorted((a, b) => a.observed_at.getTime() - b.observed_at.getTime())
  return Map.groupBy(sorted, (one) => seriesKey(one, one.limit_id))
}

const limitsOf = (observations: readonly UsageObservation[], instant: BacktestInstant): readonly string[] =>
  instant.limit_id !== undefined
    ? [instant.limit_id]
    : [
        ...new Set(
          observations
            .filter((one) => one.account_key === instant.account_key && one.window === instant.window)
            .map((one) => one.limit_id),
        ),
      ]

/** What came after: the first sight of a full window, unless the window was over before. */
function actualOf(series: readonly UsageObservation[], forecast: LimitForecast): Actual {
  const later = series.filter(({ observed_at }) => observed_at > forecast.at)
  const resetMs = forecast.resetsAt?.getTime() ?? null
  const before = later.filter(({ observed_at }) => resetMs === null || observed_at.getTime() <= resetMs)
  const full = before.find((one) => (one.used_pct ?? 0) >= 100)
  if (full !== undefined)
    return {
      minutes_to_limit: (full.observed_at.getTime() - forecast.at.getTime()) / MINUTE_MS,
      hit_before_reset: true,
    }
  const outlived = resetMs !== null && later.some(({ observed_at }) => observed_at.getTime() > resetMs)
  return { minutes_to_limit: null, hit_before_reset: outlived ? false : null }
}

/** Other accounts of the same provider, by the room of their tightest window as known then. */
function alternativesOf(series: Series, own: readonly UsageObservation[], at: Date): readonly Alternative[] {
  const [first] = own
  const room = new Map<string, number>()
  for (const other of series.values()) {
    const one = other[0]
    if (one === undefined || one.provider !== first?.provider || one.account_key === first.account_key) continue
    const { usedPct, outlook } = forecastLimit(other, at)
    const free = outlook === 'hit' ? 0 : 100 - (usedPct ?? 100)
    room.set(one.account_key, Math.min(free, room.get(one.account_key) ?? 100))
  }
  return [...room].map(([accountKey, headRoomPct]) => ({ accountKey, headRoomPct, cacheLossMicrousd: null }))
}

const asLine = (
  instant: BacktestInstant,
  limitId: string,
  said: LimitForecast,
  advice: LimitAdvice,
  actual: Actual,
): BacktestForecast => ({
  account_key: instant.account_key,
  limit_id: limitId,
  window: instant.window,
  at: instant.at.toISOString(),
  outlook: said.outlook,
  used_pct: said.usedPct,
  resets_at: said.resetsAt?.toISOString() ?? null,
  minutes_to_reset: said.minutesToReset,
  minutes_to_limit: said.minutesToLimit,
  interval_minutes: said.interval,
  probability_before_reset: said.probability,
  confidence: said.confidence,
  doubts: said.doubts,
  model: said.model,
  action: advice.action,
  advice,
  actual,
})

const orNull = (values: readonly number[], of: (values: number[]) => number): number | null =>
  values.length === 0 ? null : of([...values])

function accuracyOf(forecasts: readonly BacktestForecast[]): BacktestReport['accuracy'] {
  const known = forecasts.filter(({ actual }) => actual.hit_before_reset !== null)
  const timed = known
    .filter(({ outlook }) => outlook === 'forecast')
    .flatMap(({ minutes_to_limit: said, interval_minutes: interval, actual: { minutes_to_limit: actual } }) =>
      said === null || interval === null || actual === null || actual <= 0 ? [] : [{ said, interval, actual }],
    )
  const errors = timed.map(({ said, actual }) => Math.abs(said - actual) / actual)
  const briers = known.flatMap(({ probability_before_reset: p, actual }) =>
    p === null ? [] : [(p - (actual.hit_before_reset ? 1 : 0)) ** 2],
  )
  const covered = timed.map(({ interval, actual }) => (actual >= interval.low && actual <= interval.high ? 1 : 0))
  return {
    outcomes: known.length,
    median_relative_error: orNull(errors, (values) => quantile(values, 0.5)),
    p90_relative_error: orNull(errors, (values) => quantile(values, 0.9)),
    brier: orNull(briers, mean),
    coverage_80: orNull(covered, mean),
  }
}

const EVERY_MS = 5 * MINUTE_MS

/** Without named instants: every five minutes from the second observation of each window on. */
const everyFiveMinutes = (series: Series): readonly BacktestInstant[] =>
  [...series.values()].flatMap((own) => {
    const [first, last] = [own[1], own.at(-1)]
    if (first === undefined || last === undefined) return []
    const instants: BacktestInstant[] = []
    for (let ms = first.observed_at.getTime(); ms <= last.observed_at.getTime(); ms += EVERY_MS)
      instants.push({
        account_key: first.account_key,
        limit_id: first.limit_id,
        window: first.window,
        at: new Date(ms),
      })
    return instants
  })

/** The live forecaster on anyone's observations: at each instant only what was known then is used. */
export function backtestLimits(
  observations: readonly UsageObservation[],
  instants: readonly BacktestInstant[] | null,
): BacktestReport {
  const series = seriesOf(observations)
  const forecasts = (instants ?? everyFiveMinutes(series)).flatMap((instant) => {
    const limits = limitsOf(observations, instant)
    return (limits.length > 0 ? limits : ['']).map((limitId) => {
      const own = series.get(seriesKey(instant, limitId)) ?? []
      const said = forecastLimit(own, instant.at)
      const advice = adviseOn(said, alternativesOf(series, own, instant.at))
      return asLine(instant, limitId, said, advice, actualOf(own, said))
    })
  })
  return { forecasts, accuracy: accuracyOf(forecasts) }
}
