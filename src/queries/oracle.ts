import * as z from 'zod'
import { oracleBacktests, predictionAccuracy, predictionCalibration } from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { pastError, toPastError } from './past-error.ts'
import { count, isoTime, unit } from './shapes.ts'

const tenth = z.object({
  said_from: unit.describe('lower edge of the tenth'),
  said_mean: unit,
  came_share: unit.describe('of these, how many came; near said_mean is honest'),
  n: count,
})

const backtest = z.object({
  kind: z.string(),
  ran_at: isoTime,
  history_since: isoTime,
  history_until: isoTime,
  instants: count.describe('moments of stored history at which a forecast was made anew'),
  outcomes: count,
  median_relative_error: z.number().min(0).nullable(),
  p90_relative_error: z.number().min(0).nullable(),
  brier: unit.nullable(),
  coverage_80: unit.nullable(),
})

/** How far the oracle is to be believed: what it said, compared with what came. */
export const oracle = defineQuery({
  name: 'oracle',
  version: 1,
  summary: 'How right forecasts were: error, Brier score, calibration and intervals per kind, and the nightly backtest',
  params: z.strictObject({
    ...atParam,
    since: z.string().default('30d').describe('forecasts made since then: an age such as 7d, or ISO time'),
  }),
  data: z.object({
    since: isoTime,
    until: isoTime,
    kinds: z.array(pastError.extend({ calibration: z.array(tenth) })),
    backtests: z.array(backtest),
  }),
  example: { since: '30d' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const until = at ?? ctx.now
    const since = parseMoment(params.since, until)
    const [accuracy, tenths, backtests] = await Promise.all([
      predictionAccuracy(ctx.db, { since, until }),
      predictionCalibration(ctx.db, { since, until }),
      oracleBacktests(ctx.db, { until }),
    ])
    return {
      data: {
        since: since.toISOString(),
        until: until.toISOString(),
        kinds: accuracy.map((row) => ({
          ...toPastError(row),
          calibration: tenths
            .filter((one) => one.kind === row.kind)
            .map(({ said_from, said_mean, came_share, n }) => ({ said_from, said_mean, came_share, n })),
        })),
        backtests: backtests.map((row) => ({
          kind: row.kind,
          ran_at: row.ran_at,
          history_since: row.history_since,
          history_until: row.history_until,
          instants: row.instants,
          outcomes: row.outcomes,
          median_relative_error: row.median_relative_error,
          p90_relative_error: row.p90_relative_error,
          brier: row.brier,
          coverage_80: row.coverage_80,
        })),
      },
      warnings: accuracy.length
        ? []
        : [
            warning(
              'not_scored',
              'no forecast has reached its horizon yet',
              'let the daemon run: a 5-hour window is scored when it resets',
            ),
          ],
    }
  },
})
