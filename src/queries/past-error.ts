import * as z from 'zod'
import { type AccuracyRow, predictionAccuracy } from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { count, unit } from './shapes.ts'

const BACK_MS = 30 * 86_400_000

/** How right forecasts of one kind were lately. */
export const pastError = z.object({
  kind: z.string(),
  scored: count.describe('forecasts of the last 30 days whose horizon has passed'),
  known: count.describe('of these, with an outcome that later rows show'),
  came: count.describe('of these, where the thing foretold came'),
  timed: count.describe('of these, where the time until it can be compared'),
  median_relative_error: z.number().min(0).nullable().describe('|said - actual| / actual; null: nothing to tell it by'),
  p90_relative_error: z.number().min(0).nullable(),
  brier: unit.nullable().describe('mean squared error of the probability; 0.25 is what always saying 50 % earns'),
  coverage_80: unit.nullable().describe('share of 80 % intervals that held'),
})
export type PastError = z.input<typeof pastError>

export const toPastError = (row: AccuracyRow): PastError => ({
  kind: row.kind,
  scored: row.scored,
  known: row.known,
  came: row.came,
  timed: row.timed,
  median_relative_error: row.median_relative_error,
  p90_relative_error: row.p90_relative_error,
  brier: row.brier,
  coverage_80: row.coverage_80,
})

/** By kind; a kind that was never scored is not there. */
export const readPastErrors = async (ctx: QueryContext, at: Date | null): Promise<readonly PastError[]> => {
  const until = at ?? ctx.now
  const rows = await predictionAccuracy(ctx.db, { since: new Date(until.getTime() - BACK_MS), until })
  return rows.map(toPastError)
}
