import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery } from './define.ts'
import { ofLooked, where } from './fleet-rows.ts'
import { atParam, momentOf, parseMoment } from './params.ts'
import { count, isoTime } from './shapes.ts'
import { sourceAges } from './source-ages.ts'

const provider = z.string().nullable().describe("whose agent, by the observer's own guess; unknown is its word")

const sessionLine = z.object({
  machine: z.string(),
  database: z.string(),
  run: z.string().nullable().describe('one run of the observer'),
  provider,
  connections: count.describe('opened in the 24 h before it was last read; nobody counts bytes'),
  closed: count,
  destinations: count.nullable(),
  alerts: count.nullable(),
  avg_duration_ms: z.number().min(0).nullable().describe('of connections that closed'),
  first: isoTime.nullable(),
  last: isoTime.nullable(),
})

const destinationLine = z.object({
  machine: z.string(),
  provider,
  ip: z.string().nullable(),
  port: count.nullable(),
  domain: z.string().nullable().describe('reverse DNS, so often the name of a CDN; null: none found'),
  connections: count,
  alerts: count,
  first: isoTime,
  last: isoTime,
})

const WINDOW_MS = 86_400_000

type Run = Pick<read.NetSessionRow, 'alerts' | 'last_ts'>
const urgentFirst = (a: Run, b: Run): number =>
  (b.alerts ?? 0) - (a.alerts ?? 0) || (b.last_ts ?? '').localeCompare(a.last_ts ?? '')

/** Where agents connect to. There is data only for the time somebody ran the observer. */
export const network = defineQuery({
  name: 'network',
  version: 1,
  summary: 'Connections of agents: runs of the network observer rano, and where they went',
  sources: [],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    provider: z.string().optional().describe('only this provider; unknown: processes it cannot name'),
    since: z.string().default('24h').describe('destinations since then: age or ISO time'),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('most runs listed, those with alerts and then the newest first, and most destinations, busiest first'),
  }),
  data: z.object({
    sessions: z.array(sessionLine),
    sessions_total: count.describe('runs, before limit'),
    destinations: z.array(destinationLine),
  }),
  example: {},
  whole: { limit: 10_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const moment = at ?? ctx.now
    // Before anything is read: a refusal between reads that run would leave one that fails with nobody to hear of it, which ends a daemon.
    const since = parseMoment(params.since, moment)
    const [sessions, destinations, ages] = await Promise.all([
      ofLooked(ctx, at, params.machine, read.netSessions(ctx.db, where(at, params.machine))),
      read.destinations(ctx.db, {
        since,
        until: moment,
        machineId: params.machine,
        limit: params.provider === undefined ? params.limit : 10_000,
      }),
      sourceAges(ctx, at, ['rano'], params.machine),
    ])
    const wanted = (row: { readonly provider: string | null }): boolean =>
      params.provider === undefined || row.provider === params.provider
    const oldest = new Date(moment.getTime() - WINDOW_MS).toISOString()
    // An observer that stopped leaves its last sums standing.
    const runs = sessions.filter((row) => wanted(row) && (row.last_ts === null || row.last_ts >= oldest))
    return {
      data: {
        sessions_total: runs.length,
        sessions: runs
          .toSorted(urgentFirst)
          .slice(0, params.limit)
          .map((row) => ({
            machine: row.machine_id,
            database: row.database_path,
            run: row.run_id,
            provider: row.provider,
            connections: row.connection_count,
            closed: row.close_count,
            destinations: row.destinations,
            alerts: row.alerts,
            avg_duration_ms: row.avg_duration_ms,
            first: row.first_ts,
            last: row.last_ts,
          })),
        destinations: destinations
          .filter(wanted)
          .slice(0, params.limit)
          .map((row) => ({
            machine: row.machine_id,
            provider: row.provider,
            ip: row.remote_ip,
            port: row.remote_port,
            domain: row.domain,
            connections: row.connections,
            alerts: row.alerts,
            first: row.first_ts,
            last: row.last_ts,
          })),
      },
      staleness: ages.staleness,
      warnings: ages.warnings,
    }
  },
})
