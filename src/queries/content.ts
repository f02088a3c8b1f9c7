import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { ofLooked, where } from './fleet-rows.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { count, isoTime, pct } from './shapes.ts'

const indexLine = z.object({
  machine: z.string(),
  state: z.string().describe('healthy | rebuilding | stalled | not_initialized | degraded | unhealthy'),
  stale: z.boolean().nullable(),
  last_indexed: isoTime.nullable().describe('null: never, or not said'),
  index_age_s: count.nullable(),
  pending_sessions: count.nullable(),
  rebuild_done_pct: pct.nullable(),
  sessions: count.nullable(),
  messages: count.nullable(),
  by_agent: z.record(z.string(), count).nullable().describe('sessions by agent CLI; null: not counted yet'),
  newest_session: isoTime.nullable(),
  advice: z.string().nullable().describe("cass's own words; vc never runs them"),
  collected_at: isoTime,
})

const startLine = z.object({
  bucket: isoTime.describe('beginning of the hour or day, UTC'),
  machine: z.string(),
  agent: z.string(),
  sessions: count.describe('that began in it on this machine'),
  synced_sessions: count.describe('that began elsewhere and were copied here: never add these over machines'),
  messages: count.nullable().describe('of the sessions of this machine, over their whole life'),
})

const startOf = (row: read.SessionStartsRow): z.input<typeof startLine> => ({
  bucket: row.bucket_at,
  machine: row.machine_id,
  agent: row.agent,
  sessions: row.sessions,
  synced_sessions: row.synced_sessions,
  messages: row.messages,
})

const indexOf = (row: read.CassIndexRow, stats: read.CassStatsRow | undefined): z.input<typeof indexLine> => ({
  machine: row.machine_id,
  state: row.state,
  stale: row.stale,
  last_indexed: row.last_index_at,
  index_age_s: row.freshness_s,
  pending_sessions: row.pending_sessions,
  rebuild_done_pct: row.rebuild_done_pct,
  sessions: row.total_sessions ?? stats?.total_conversations ?? null,
  messages: row.total_messages ?? stats?.total_messages ?? null,
  by_agent: stats === undefined ? null : (JSON.parse(stats.by_agent_json) as Record<string, number>),
  newest_session: stats?.newest_at ?? null,
  advice: row.advice,
  collected_at: row.collected_at,
})

/** What can be searched by content, and how fresh that is. */
export const content = defineQuery({
  name: 'content',
  version: 1,
  summary: 'Session search (cass): state and age of each index, totals, and when sessions began',
  sources: ['cass'],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    since: z.string().default('7d').describe('starts since: age such as 7d, or ISO time'),
    by: z.enum(['day', 'hour']).default('day'),
    limit: z.coerce.number().int().min(0).max(100_000).default(100).describe('most starts listed, the newest'),
  }),
  data: z.object({
    indexes: z.array(indexLine),
    starts: z.array(startLine).describe('oldest first'),
    starts_total: count.describe('starts, before limit'),
  }),
  example: { since: '7d' },
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const place = where(at, params.machine)
    const since = parseMoment(params.since, at ?? ctx.now)
    const [indexes, stats, starts] = await Promise.all([
      ofLooked(ctx, at, params.machine, read.cassIndexes(ctx.db, place)),
      read.cassStats(ctx.db, place),
      read.sessionStarts(ctx.db, { ...place, since, by: params.by }),
    ])
    const byMachine = new Map(stats.map((row) => [row.machine_id, row]))
    return {
      data: {
        indexes: indexes.map((row) => indexOf(row, byMachine.get(row.machine_id))),
        starts: starts.slice(Math.max(0, starts.length - params.limit)).map(startOf),
        starts_total: starts.length,
      },
      warnings:
        indexes.length > 0
          ? []
          : [
              warning(
                'not_collected',
                'no machine vc looked at has cass',
                'install cass there to search what agents wrote',
              ),
            ],
    }
  },
})
