import * as z from 'zod'
import { predictFull } from '../oracle/capacity.ts'
import { type Prediction, STUCK_KINDS, type StuckKind } from '../oracle/predictions.ts'
import { type LimitPrediction, limitSeries, predictLimit } from '../oracle/predictions-limit.ts'
import { storedStuck, stuckWarnings } from '../oracle/stuck.ts'
import { predictions } from '../store/index.ts'
import { readCapacity } from './capacity-facts.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { readLimitFacts } from './limit-facts.ts'
import { atParam, momentOf } from './params.ts'
import { type PastError, pastError, readPastErrors } from './past-error.ts'
import { isoTime, unit } from './shapes.ts'
import { readAgentWatches } from './stuck-facts.ts'

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

const stuckLine = z.object({
  agent: z.string(),
  machine: z.string(),
  kind: z.enum(STUCK_KINDS),
  probability: unit,
  horizon_minutes: minutes,
  minutes: minutes.nullable().describe('until it happens, where that can be told'),
  indicators: z.array(z.string()),
  action: z.string(),
  command: z.string(),
  right_share: unit
    .nullable()
    .describe('how often such a warning was right in the last 30 days; null: none was scored'),
  scored: z.number().int().min(0),
})

const toStuckLine = (
  said: {
    readonly kind: string
    readonly machineId: string
    readonly subject: string
    readonly probability: number | null
    readonly valueMinutes: number | null
    readonly action: string
    readonly basis: Readonly<Record<string, unknown>>
  },
  errors: readonly PastError[],
): z.input<typeof stuckLine> => {
  const past = errors.find((one) => one.kind === said.kind)
  return {
    agent: said.subject,
    machine: said.machineId,
    kind: said.kind as StuckKind,
    probability: said.probability ?? 0,
    horizon_minutes: Number(said.basis.horizon_minutes),
    minutes: said.valueMinutes,
    indicators: (said.basis.indicators as string[] | undefined) ?? [],
    action: said.action,
    command: `vc explain ${said.subject}`,
    right_share: past === undefined || past.known === 0 ? null : past.came / past.known,
    scored: past?.known ?? 0,
  }
}

/** Now: judged from the rows; at a past moment: what was said then. */
const readStuck = async (ctx: QueryContext, at: Date | null) => {
  if (at === null) {
    const watched = await readAgentWatches(ctx)
    return watched.flatMap((agent) => stuckWarnings(agent, ctx.now).map((one) => storedStuck(agent, one, ctx.now)))
  }
  const rows = await predictions(ctx.db, { at })
  return rows
    .filter((row) => row.outlook === 'forecast' && STUCK_KINDS.some((kind) => kind === row.kind))
    .map((row) => ({
      kind: row.kind,
      machineId: row.machine_id,
      subject: row.subject,
      probability: row.probability,
      valueMinutes: row.value_minutes,
      action: row.action,
      basis: JSON.parse(row.basis_json) as Record<string, unknown>,
    }))
}

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
  summary: 'When what runs out: rate limits, disks, memory; who gets stuck, what to do, how right such forecasts were',
  sources: ['caam', 'caut', 'claude', 'codex', 'probe'],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('disks, memory and agents of this machine only'),
    provider: z.string().optional().describe('accounts of this provider only'),
  }),
  data: z.object({
    limits: z.array(limitLine).describe('most urgent first'),
    capacity: z.array(capacityLine).describe('soonest full first; only trends that are none of chance'),
    stuck: z.array(stuckLine).describe('agents that are, or soon get, stuck; likeliest first'),
    past_errors: z.array(pastError).describe('how right forecasts of the last 30 days were, by kind'),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const moment = at ?? ctx.now
    const [facts, capacity, stuck, errors] = await Promise.all([
      readLimitFacts(ctx, at),
      readCapacity(ctx, at),
      readStuck(ctx, at),
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
        stuck: stuck
          .filter((one) => params.machine === undefined || one.machineId === params.machine)
          .map((one) => toStuckLine(one, errors))
          .sort((a, b) => b.probability - a.probability || a.agent.localeCompare(b.agent)),
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
