import { z } from 'zod'
import { predictFull } from '../oracle/capacity.ts'
import type { Prediction } from '../oracle/predictions.ts'
import { type LimitPrediction, limitSeries, predictLimit } from '../oracle/predictions-limit.ts'
import { readCapacity } from './capacity-facts.ts'
import { defineQuery, warning } from './define.ts'
import { readLimitFacts } from './limit-facts.ts'
import { atParam, momentOf } from './params.ts'
import { pastError, readPastErrors } from './past-error.ts'
import { isoTime, unit } from './shapes.ts'

const minutes = z.number().min(0)
const interval = z.object({ low: minutes, high: minutes }).describe('80 % interval, minutes')

const limitLine = z.object({
  provider: z.string(),
  account: z.string(),
  label: z.string().nullable(),
  limit_id: z.string(),
  window: z.string(),
  outlook: z
    .enum(['forecast', 'hit', 'still', 'insufficient_data', 'reset_passed', 'unknown'])
    .describe('forecast, or why there is none'),
  used_pct: z.number().nullable(),
  observed_at: isoTime.nullable(),
  resets_at: isoTime.nullable().describe('as a source said; never made up'),
  minutes_to_limit: minutes.nullable().describe('whether a reset comes first or not'),
  interval: interval.nullable(),
  probability_before_reset: unit.nullable(),
  action: z.enum(['continue', 'slow_down', 'prepare_swap', 'swap_now', 'pause', 'wait_for_reset']),
  target_pct_per_hour: z.number().nullable().describe('slow_down: the pace that lasts until the reset'),
  in_minutes: minutes.nullable().describe('prepare_swap: how soon'),
  to: z.string().nullable().describe('swap_now: the account to go on with'),
  wait_until: isoTime.nullable().describe('wait_for_reset'),
  alternatives: z.array(
    z.object({
      account: z.string(),
      headroom_pct: z.number(),
      cache_loss_microusd: z
        .number()
        .int()
        .nullable()
        .describe('what caches of live sessions are worth; null: not known'),
    }),
  ),
  confidence: unit,
  doubts: z.array(z.string()),
})

const capacityLine = z.object({
  machine: z.string(),
  kind: z.enum(['disk_full', 'memory_full']),
  subject: z.string(),
  minutes_to_full: minutes,
  interval: interval.nullable(),
  probability: unit.nullable().describe('of being full within a day (memory: six hours)'),
  action: z.string(),
  bytes_per_hour: z.number().int(),
  used_bytes: z.number().int(),
  limit_bytes: z.number().int(),
  confidence: unit,
  evidence: z.string(),
})

const toLimitLine = ({ series, forecast, advice, alternatives }: LimitPrediction): z.input<typeof limitLine> => ({
  provider: series.provider,
  account: series.account,
  label: series.label,
  limit_id: series.limitId,
  window: series.window,
  outlook: forecast.outlook,
  used_pct: forecast.usedPct,
  observed_at: forecast.observedAt?.toISOString() ?? null,
  resets_at: forecast.resetsAt?.toISOString() ?? null,
  minutes_to_limit: forecast.minutesToLimit,
  interval: forecast.interval,
  probability_before_reset: forecast.probability,
  action: advice.action,
  target_pct_per_hour: advice.action === 'slow_down' ? advice.targetPctPerHour : null,
  in_minutes: advice.action === 'prepare_swap' ? advice.inMinutes : null,
  to: advice.action === 'swap_now' ? advice.to : null,
  wait_until: advice.action === 'wait_for_reset' ? advice.at.toISOString() : null,
  alternatives: alternatives.map((one) => ({
    account: one.accountKey,
    headroom_pct: one.headRoomPct,
    cache_loss_microusd: one.cacheLossMicrousd,
  })),
  confidence: forecast.confidence,
  doubts: [...forecast.doubts],
})

const toCapacityLine = (said: Prediction): z.input<typeof capacityLine> => ({
  machine: said.machineId,
  kind: said.kind as 'disk_full' | 'memory_full',
  subject: said.subject,
  minutes_to_full: said.valueMinutes ?? 0,
  interval: said.interval,
  probability: said.probability,
  action: said.action,
  bytes_per_hour: Number(said.basis.bytes_per_hour),
  used_bytes: Number(said.basis.used_bytes),
  limit_bytes: Number(said.basis.limit_bytes),
  confidence: said.confidence,
  evidence: `${said.basis.points} values, trend ${said.basis.trend_z} standard deviations from chance`,
})

const URGENCY = ['swap_now', 'pause', 'wait_for_reset', 'prepare_swap', 'slow_down', 'continue']

const byUrgency = (a: z.input<typeof limitLine>, b: z.input<typeof limitLine>): number =>
  URGENCY.indexOf(a.action) - URGENCY.indexOf(b.action) ||
  (a.minutes_to_limit ?? Number.POSITIVE_INFINITY) - (b.minutes_to_limit ?? Number.POSITIVE_INFINITY) ||
  a.account.localeCompare(b.account)

/** The same pure forecasters as the daemon's, over rows as known at the moment asked about. */
export const forecast = defineQuery({
  name: 'forecast',
  version: 1,
  summary: 'When rate limits, disks and memory run out, what to do, and how right such forecasts were',
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('disks and memory of this machine only'),
    provider: z.string().optional().describe('accounts of this provider only'),
  }),
  data: z.object({
    limits: z.array(limitLine).describe('most urgent first'),
    capacity: z.array(capacityLine).describe('soonest full first; only trends that are none of chance'),
    past_errors: z.array(pastError).describe('how right forecasts of the last 30 days were, by kind'),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const moment = at ?? ctx.now
    const [facts, capacity, errors] = await Promise.all([
      readLimitFacts(ctx, at),
      readCapacity(ctx, at),
      readPastErrors(ctx, at),
    ])
    const limits = limitSeries(facts.observations)
      .filter((series) => params.provider === undefined || series.provider === params.provider)
      .map((series) => toLimitLine(predictLimit(series, facts.swap, moment)))
    const full = capacity
      .filter((series) => params.machine === undefined || series.machineId === params.machine)
      .map((series) => predictFull(series, moment))
      .filter((said) => said !== null)
    return {
      data: {
        limits: limits.sort(byUrgency),
        capacity: full.map(toCapacityLine).sort((a, b) => a.minutes_to_full - b.minutes_to_full),
        past_errors: [...errors],
      },
      warnings: errors.some((one) => one.known > 0)
        ? []
        : [
            warning(
              'not_scored',
              'no forecast has reached its horizon yet, so that its error is not known',
              'vc oracle accuracy',
            ),
          ],
    }
  },
})
