import { type Alternative, adviseOn, type LimitAdvice, rankAlternatives } from './forecast/limit-advice.ts'
import type { UsageObservation } from './forecast/observation.ts'
import { forecastLimit, type LimitForecast } from './forecast/rate-limit.ts'
import { FLEET, type Prediction } from './predictions.ts'

/** Everything seen of one limit and window of one account, all its machines and keys together. */
export interface LimitSeries {
  readonly provider: string
  readonly account: string
  readonly label: string | null
  readonly limitId: string
  readonly window: string
  readonly seen: readonly UsageObservation[]
}

export interface LimitPrediction {
  readonly series: LimitSeries
  readonly forecast: LimitForecast
  readonly advice: LimitAdvice
  readonly alternatives: readonly Alternative[]
}

const SEPARATOR = ' '
/** `<provider> <account> <limit> <window>`; the limit may be empty. */
export const limitSubject = (series: Pick<LimitSeries, 'provider' | 'account' | 'limitId' | 'window'>): string =>
  [series.provider, series.account, series.limitId || '-', series.window].map(encodeURI).join(SEPARATOR)

/** Groups observations whose `account_key` is the account they were joined to. */
export const limitSeries = (seen: readonly UsageObservation[]): readonly LimitSeries[] =>
  [
    ...Map.groupBy(seen, (one) => [one.provider, one.account_key, one.limit_id, one.window].join('\u0000')).values(),
  ].flatMap((own) => {
    const first = own[0]
    if (first === undefined) return []
    const label = own.findLast((one) => one.account_label !== null)?.account_label ?? null
    const { provider, account_key: account, limit_id: limitId, window } = first
    return [{ provider, account, label, limitId, window, seen: own }]
  })

/** Room and cost of going on elsewhere: `roomOf` by account, null where it is not known. */
export interface SwapFacts {
  readonly accountsOf: (
    provider: string,
  ) => readonly { readonly account: string; readonly label?: string | null; readonly headRoomPct: number | null }[]
  /** What the caches of its live sessions are worth; null: not known. */
  readonly cacheLossOf: (provider: string, account: string) => number | null
}

/** Nobody can be sent to an account whose room is not known, nor away from one that may be the very same. */
const alternativesTo = (series: LimitSeries, facts: SwapFacts): readonly Alternative[] =>
  series.account.startsWith('unknown@')
    ? []
    : facts.accountsOf(series.provider).flatMap(({ account, label, headRoomPct }) =>
        account === series.account || headRoomPct === null
          ? []
          : [
              {
                accountKey: account,
                ...(label == null ? {} : { label }),
                headRoomPct,
                cacheLossMicrousd: facts.cacheLossOf(series.provider, series.account),
              },
            ],
      )

/** The forecast of one window as known at `at`, what to do, and where one could go on. */
export const predictLimit = (series: LimitSeries, facts: SwapFacts, at: Date): LimitPrediction => {
  const forecast = forecastLimit(series.seen, at)
  const alternatives = rankAlternatives(alternativesTo(series, facts))
  return { series, forecast, advice: adviseOn(forecast, alternatives), alternatives }
}

// Without a reset time nothing says when the question is decided, so that it stays unscored.
const horizonOf = ({ outlook, resetsAt }: LimitForecast): Date | null => (outlook === 'forecast' ? resetsAt : null)

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value * 100) / 100)

/** As it is stored. */
export const storedLimit = ({ series, forecast, advice, alternatives }: LimitPrediction): Prediction => ({
  kind: 'limit',
  machineId: FLEET,
  subject: limitSubject(series),
  madeAt: forecast.at,
  horizonAt: horizonOf(forecast),
  outlook: forecast.outlook,
  valueMinutes: forecast.minutesToLimit,
  interval: forecast.interval,
  probability: forecast.probability,
  action: advice.action,
  advice: { ...advice, alternatives: alternatives.slice(0, 3) },
  model: forecast.model,
  confidence: forecast.confidence,
  basis: {
    provider: series.provider,
    account: series.account,
    account_label: series.label,
    limit_id: series.limitId,
    window: series.window,
    used_pct: forecast.usedPct,
    observed_at: forecast.observedAt,
    resets_at: forecast.resetsAt,
    minutes_to_reset: rounded(forecast.minutesToReset),
    sustainable_pct_per_h: rounded(forecast.sustainablePctPerHour),
    observations: series.seen.length,
    machines: [...new Set(series.seen.map((one) => one.machine))].sort(),
    sources: [...new Set(series.seen.map((one) => one.source))].sort(),
    doubts: forecast.doubts,
  },
})
