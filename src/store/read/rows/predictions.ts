import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const PredictionRow = z.object({
  ...envelope,
  kind: text,
  subject: text,
  made_at: time,
  horizon_at: maybe(time),
  outlook: text,
  value_minutes: maybe(number),
  low_minutes: maybe(number),
  high_minutes: maybe(number),
  probability: maybe(number),
  action: text,
  advice_json: text,
  model: maybe(text),
  confidence: number,
  basis_json: text,
})
export type PredictionRow = z.infer<typeof PredictionRow>

export const PredictionScoreRow = z.object({
  ...envelope,
  kind: text,
  subject: text,
  made_at: time,
  scored_at: time,
  outcome: text,
  actual_minutes: maybe(number),
  relative_error: maybe(number),
  in_interval: maybe(flag),
  brier: maybe(number),
  probability: maybe(number),
})
export type PredictionScoreRow = z.infer<typeof PredictionScoreRow>

export const OracleBacktestRow = z.object({
  ...envelope,
  ran_at: time,
  kind: text,
  history_since: time,
  history_until: time,
  instants: number,
  outcomes: number,
  median_relative_error: maybe(number),
  p90_relative_error: maybe(number),
  brier: maybe(number),
  coverage_80: maybe(number),
})
export type OracleBacktestRow = z.infer<typeof OracleBacktestRow>
