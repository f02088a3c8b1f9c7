import type { Row } from '../core/rows.ts'

export const STUCK_KINDS = [
  'stuck_stalled',
  'stuck_error_loop',
  'stuck_context_overflow',
  'stuck_crash_loop',
  'stuck_silent',
] as const
export type StuckKind = (typeof STUCK_KINDS)[number]
export const BUDGET_KINDS = ['budget_day', 'budget_month'] as const
export const PREDICTION_KINDS = ['limit', 'disk_full', 'memory_full', ...BUDGET_KINDS, ...STUCK_KINDS] as const
export type PredictionKind = (typeof PREDICTION_KINDS)[number]

/** What belongs to no single machine is kept under this name. */
export const FLEET = 'fleet'

/** One thing foretold of one subject. Minutes count from `madeAt`; nulls are unknown. */
export interface Prediction {
  readonly kind: PredictionKind
  readonly machineId: string
  readonly subject: string
  readonly madeAt: Date
  /** When it can be compared with what came; null: never. */
  readonly horizonAt: Date | null
  /** `forecast`, or why nothing is foretold. */
  readonly outlook: string
  readonly valueMinutes: number | null
  /** 80 % interval. */
  readonly interval: { readonly low: number; readonly high: number } | null
  /** That it comes before the horizon. */
  readonly probability: number | null
  readonly action: string
  readonly advice: Readonly<Record<string, unknown>>
  readonly model: string | null
  /** 0-1: how much there is to go by. */
  readonly confidence: number
  readonly basis: Readonly<Record<string, unknown>>
}

/** One `predictions` row. */
export const predictionRow = (said: Prediction): Row => ({
  machine_id: said.machineId,
  kind: said.kind,
  subject: said.subject,
  made_at: said.madeAt,
  horizon_at: said.horizonAt,
  outlook: said.outlook,
  value_minutes: said.valueMinutes,
  low_minutes: said.interval?.low ?? null,
  high_minutes: said.interval?.high ?? null,
  probability: said.probability,
  action: said.action,
  advice_json: JSON.stringify(said.advice),
  model: said.model,
  confidence: said.confidence,
  basis_json: JSON.stringify(said.basis),
})

/** The key a prediction is known by apart from when it was made. */
export const predictionKey = (said: Pick<Prediction, 'machineId' | 'kind' | 'subject'>): string =>
  [said.machineId, said.kind, said.subject].join('\u0000')
