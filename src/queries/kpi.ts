import { linearRegression, mean } from 'simple-statistics'
import * as z from 'zod'
import { usageError } from '../core/errors.ts'
import { type KpiRow, kpiSnapshots } from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { KPI_EVERY_MS } from './rows-kpi.ts'
import { count, isoTime, microusd, pct, tokens } from './shapes.ts'

const snapshot = z.object({
  ts: isoTime.describe('start of the five minutes'),
  machines_total: count,
  machines_online: count,
  health_score: z.number(),
  agents_active: count.describe('working'),
  agents_idle: count,
  agents_waiting: count.describe('for a person'),
  agents_trouble: count.describe('failed, stalled or rate limited'),
  beads_active: count.nullable(),
  beads_completed_15m: count.nullable(),
  beads_failed_15m: count.nullable().describe('null: no tracker vc reads knows failed ones'),
  convoys_active: count.nullable(),
  tokens_today: tokens.nullable().describe('UTC day'),
  cost_today_microusd: microusd.nullable().describe('of the priced tokens'),
  unpriced_tokens_today: tokens.nullable(),
  burn_rate_microusd_per_h: microusd.nullable().describe('over the hour before'),
  pty_utilization_pct: pct.nullable().describe('panes in which an agent works, of all panes'),
  patrol_ok: z.boolean().describe('every enabled machine answered within its time'),
  alerts_critical: count,
  alerts_warning: count,
  incidents_open: count,
})

const trend = z.object({
  figure: z.string(),
  samples: count,
  first: z.number(),
  last: z.number(),
  mean: z.number(),
  min: z.number(),
  max: z.number(),
  per_hour: z.number().nullable().describe('slope of a straight line through all of them; null with fewer than six'),
})

type Snapshot = z.input<typeof snapshot>

const FIGURES = [
  'machines_online', 'health_score', 'agents_active', 'agents_idle', 'agents_waiting', 'agents_trouble', 'beads_active',
  'beads_completed_15m', 'convoys_active', 'tokens_today', 'cost_today_microusd', 'burn_rate_microusd_per_h',
  'pty_utilization_pct', 'alerts_critical', 'alerts_warning', 'incidents_open',
] as const // biome-ignore format: a list

const toSnapshot = ({
  collected_at: _c,
  machine_id: _m,
  source: _s,
  source_version: _v,
  schema_version: _sv,
  ...row
}: KpiRow): Snapshot => row

const round = (value: number): number => Math.round(value * 1000) / 1000
/** Fewer points than half an hour of them make no line. */
const LEAST = 6

const trendOf = (rows: readonly Snapshot[], figure: (typeof FIGURES)[number]): z.input<typeof trend>[] => {
  const points = rows.flatMap((row) =>
    row[figure] === null ? [] : [[Date.parse(row.ts) / 3_600_000, row[figure]] as [number, number]],
  )
  const values = points.map(([, value]) => value)
  const [first, last] = [values[0], values.at(-1)]
  if (first === undefined || last === undefined) return []
  return [
    {
      figure,
      samples: values.length,
      first,
      last,
      mean: round(mean(values)),
      min: Math.min(...values),
      max: Math.max(...values),
      per_hour: points.length < LEAST ? null : round(linearRegression(points).m),
    },
  ]
}

/** Every nth, the newest always among them. */
const thinned = (rows: readonly Snapshot[], most: number): Snapshot[] => {
  const step = Math.ceil(rows.length / most)
  return rows.filter((_, at) => (rows.length - 1 - at) % Math.max(1, step) === 0)
}

/** The fleet in a few numbers, every five minutes. */
export const kpi = defineQuery({
  name: 'kpi',
  version: 1,
  summary: 'Key figures every five minutes: agents, beads, cost, burn rate, alerts, and where they go',
  params: z.strictObject({
    ...atParam,
    since: z.string().default('24h').describe('age such as 24h, or ISO time'),
    limit: z.coerce.number().int().min(1).max(2_016).default(48).describe('most snapshots; more are thinned evenly'),
  }),
  data: z.object({ now: snapshot.nullable(), trend: z.array(trend), snapshots: z.array(snapshot) }),
  example: { since: '6h' },
  async load(params, ctx) {
    const until = momentOf(params, ctx.now) ?? ctx.now
    const since = parseMoment(params.since, until)
    if (since.getTime() >= until.getTime())
      throw usageError('bad_range', 'since lies after the moment asked about', 'ask for an earlier since')
    const rows = (await kpiSnapshots(ctx.db, { since, until })).map(toSnapshot)
    const newest = rows.at(-1) ?? null
    const ageMs = newest === null ? null : until.getTime() - Date.parse(newest.ts)
    const warnings =
      newest === null
        ? [
            warning(
              'not_collected',
              'there are no key figures of that time',
              'they are written while a daemon runs: vc daemon --detach',
            ),
          ]
        : (ageMs ?? 0) > 3 * KPI_EVERY_MS
          ? [warning('stale', `the newest key figures are of ${newest.ts}`, 'vc daemon status')]
          : []
    return {
      data: {
        now: newest,
        trend: FIGURES.flatMap((figure) => trendOf(rows, figure)),
        snapshots: thinned(rows, params.limit),
      },
      warnings,
    }
  },
})
