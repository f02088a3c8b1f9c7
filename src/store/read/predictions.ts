import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { type At, picture } from './history.ts'
import { remembered } from './remembered.ts'
import { AccountUsageRow } from './rows/accounts.ts'
import { OracleBacktestRow, PredictionRow } from './rows/predictions.ts'
import { unlessEmpty } from './unless-empty.ts'

/** The newest forecast of each kind and subject. */
export const predictions = (db: Db, question: At & { readonly kind?: string } = {}): Promise<PredictionRow[]> =>
  picture(db, 'predictions', PredictionRow, {
    at: question.at,
    where: '$kind IS NULL OR kind = $kind',
    params: { kind: question.kind ?? null },
    orderBy: 'kind, machine_id, subject',
  })

/** Forecasts whose horizon has passed and that nobody has compared with what came, oldest first. */
export const duePredictions = (
  db: Db,
  question: { readonly now: Date; readonly since: Date; readonly limit: number },
): Promise<PredictionRow[]> =>
  db.rows<PredictionRow>(
    `SELECT ${names(Object.keys(PredictionRow.shape), 'p')} FROM predictions AS p
     ANTI JOIN prediction_scores AS s ON s.machine_id = p.machine_id AND s.kind = p.kind AND s.subject = p.subject AND s.made_at = p.made_at
     WHERE p.horizon_at <= ${time(question.now)} AND p.made_at >= ${time(question.since)}
     ORDER BY p.horizon_at LIMIT ${Math.trunc(question.limit)}`,
  )

export interface UsageHistoryQuestion {
  readonly since: Date
  readonly until: Date
  /** Which time lies in the span: that of the source (default), or when vc looked. */
  readonly by?: 'observed_at' | 'collected_at'
  readonly window?: string | undefined
  /** Only these keys, and observations that name no account. */
  readonly accountKeys?: readonly string[] | undefined
}

/**
 * What was seen of rate-limit windows in [since, until], oldest first: the last word of each source in each minute, for
 * more than that no forecast gains by.
 */
export const accountUsageHistory = (db: Db, question: UsageHistoryQuestion): Promise<AccountUsageRow[]> => {
  const by = question.by ?? 'observed_at'
  return unlessEmpty(db, ['account_usage_snapshots'], () =>
    remembered<AccountUsageRow>(
      db,
      ['account_usage_snapshots'],
      `SELECT ${names(Object.keys(AccountUsageRow.shape))} FROM ${spanned(db, 'account_usage_snapshots', by, question)}
     WHERE ${by} >= ${time(question.since)} AND ${by} <= ${time(question.until)}
       AND ($window IS NULL OR window_name = $window)
       AND ($keys IS NULL OR list_contains(string_split($keys, chr(1)), account_key) OR account_key LIKE 'unknown@%')
     QUALIFY row_number() OVER (
       PARTITION BY machine_id, provider, account_key, limit_id, window_name, observed_source, date_trunc('minute', observed_at)
       ORDER BY observed_at DESC) = 1
     ORDER BY observed_at`,
      { window: question.window ?? null, keys: question.accountKeys?.join('\u0001') ?? null },
    ),
  )
}

export interface AccuracyRow {
  readonly kind: string
  readonly scored: number
  readonly known: number
  readonly came: number
  readonly timed: number
  readonly median_relative_error: number | null
  readonly p90_relative_error: number | null
  readonly brier: number | null
  readonly coverage_80: number | null
  readonly first_made_at: string
  readonly last_made_at: string
}

/** How right forecasts made in [since, until] were, by kind. `at`: only what had been compared by then. */
export const predictionAccuracy = (
  db: Db,
  question: { readonly since: Date; readonly until: Date },
): Promise<AccuracyRow[]> =>
  db.rows<AccuracyRow>(
    `SELECT kind, count(*)::INTEGER AS scored, (count(*) FILTER (outcome <> 'unknown'))::INTEGER AS known,
       (count(*) FILTER (outcome = 'came'))::INTEGER AS came, count(relative_error)::INTEGER AS timed,
       median(relative_error) AS median_relative_error, quantile_cont(relative_error, 0.9) AS p90_relative_error,
       avg(brier) AS brier, avg(in_interval::INTEGER) AS coverage_80, min(made_at) AS first_made_at, max(made_at) AS last_made_at
     FROM ${spanned(db, 'prediction_scores', 'made_at', question)} WHERE made_at >= ${time(question.since)} AND scored_at <= ${time(question.until)}
     GROUP BY kind ORDER BY kind`,
  )

export interface CalibrationRow {
  readonly kind: string
  /** Lower edge of the tenth of probabilities. */
  readonly said_from: number
  readonly n: number
  readonly said_mean: number
  readonly came_share: number
}

/** Of forecasts that said 30–40 %, how many came: by kind and tenth. */
export const predictionCalibration = (
  db: Db,
  question: { readonly since: Date; readonly until: Date },
): Promise<CalibrationRow[]> =>
  db.rows<CalibrationRow>(
    `SELECT kind, least(9, floor(probability * 10)) / 10 AS said_from, count(*)::INTEGER AS n, avg(probability) AS said_mean,
       avg((outcome = 'came')::INTEGER) AS came_share
     FROM ${spanned(db, 'prediction_scores', 'made_at', question)}
     WHERE probability IS NOT NULL AND outcome <> 'unknown' AND made_at >= ${time(question.since)} AND scored_at <= ${time(question.until)}
     GROUP BY 1, 2 ORDER BY 1, 2`,
  )

/** The newest backtest of each kind that ran by then. */
export const oracleBacktests = (db: Db, question: { readonly until: Date }): Promise<OracleBacktestRow[]> =>
  db.rows<OracleBacktestRow>(
    `SELECT ${names(Object.keys(OracleBacktestRow.shape))} FROM oracle_backtests WHERE ran_at <= ${time(question.until)}
     QUALIFY row_number() OVER (PARTITION BY kind ORDER BY ran_at DESC) = 1 ORDER BY kind`,
  )

export interface CachedContextRow {
  readonly provider: string
  readonly account_key: string
  readonly sessions: number
  readonly cached_tokens: number
  /** Null where a model of these sessions has no price of caches. */
  readonly loss_microusd: number | null
}

/** What each account's live sessions hold in caches, and what writing it anew elsewhere would cost more than reading it. */
export const cachedContexts = (
  db: Db,
  question: { readonly since: Date; readonly until: Date },
): Promise<CachedContextRow[]> =>
  unlessEmpty(db, ['agent_usage'], () =>
    remembered<CachedContextRow>(
      db,
      ['agent_usage', 'prices'],
      `WITH last AS (
       SELECT provider, account_key, session_id, model, cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens AS cached
       FROM agent_usage WHERE ts >= ${time(question.since)} AND ts <= ${time(question.until)} AND account_key IS NOT NULL
       QUALIFY row_number() OVER (PARTITION BY machine_id, session_id ORDER BY ts DESC) = 1),
     priced AS (
       SELECT provider, model, coalesce(cache_write_5m_microusd_per_mtok, input_microusd_per_mtok) - cache_read_microusd_per_mtok AS lost
       FROM prices QUALIFY row_number() OVER (PARTITION BY provider, model ORDER BY valid_from DESC, recorded_at DESC) = 1)
     SELECT provider, account_key, count(*)::INTEGER AS sessions, sum(cached) AS cached_tokens,
       CASE WHEN bool_and(lost IS NOT NULL) THEN round(sum(cached * lost / 1e6)) END AS loss_microusd
     FROM last LEFT JOIN priced USING (provider, model) GROUP BY provider, account_key ORDER BY provider, account_key`,
    ),
  )
