import { median } from 'simple-statistics'
import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { ofLooked, where } from './fleet-rows.ts'
import { atParam, flag, momentOf, parseMoment } from './params.ts'
import { buildOf, buildsData, daemonOf, incidentOf, metricOf, runningOf, setupOf, workerOf } from './rows-builds.ts'

const NOT_OK = new Set(['failed', 'tests_failed', 'signal'])

const summaryOf = (builds: readonly read.RchBuildRow[]): z.input<typeof buildsData>['summary'] => {
  const ok = builds.filter(({ outcome }) => outcome === 'ok').length
  const notOk = builds.filter(({ outcome }) => NOT_OK.has(outcome)).length
  const times = builds.flatMap(({ duration_ms }) => (duration_ms === null ? [] : [duration_ms]))
  return {
    builds: builds.length,
    ok,
    not_ok: notOk,
    ok_pct: ok + notOk === 0 ? null : (100 * ok) / (ok + notOk),
    remote: builds.filter(({ location }) => location === 'remote').length,
    median_ms: times.length === 0 ? null : median(times),
  }
}

const MAX_COUNTED = 20_000

/** Remote builds of rch and runs of the setup checker. What a build was told to do is not stored. */
export const builds = defineQuery({
  name: 'builds',
  version: 1,
  summary: 'Remote builds: daemons, workers, queue, finished builds, incidents; and runs of the setup checker',
  sources: ['afsc', 'rch'],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    since: z.string().default('24h').describe('finished since: age such as 24h, or ISO time'),
    limit: z.coerce.number().int().min(1).max(5000).default(50).describe('of each list'),
    metrics: flag.describe('the metrics of rchd too'),
  }),
  data: buildsData,
  example: { since: '24h' },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const place = where(at, params.machine)
    const since = { ...place, since: parseMoment(params.since, at ?? ctx.now) }
    const now = <Row extends { readonly machine_id: string }>(rows: Promise<Row[]>): Promise<Row[]> =>
      ofLooked(ctx, at, params.machine, rows)
    const few = { ...since, limit: params.limit }
    const [daemons, workers, running, all, incidents, runs, problems, metrics] = await Promise.all([
      now(read.rchStatuses(ctx.db, place)),
      now(read.rchWorkers(ctx.db, place)),
      now(read.rchRunningBuilds(ctx.db, place)),
      read.rchBuilds(ctx.db, { ...since, limit: MAX_COUNTED }),
      read.rchIncidents(ctx.db, few),
      read.setupRuns(ctx.db, few),
      read.setupEvents(ctx.db, { ...since, limit: MAX_COUNTED }),
      params.metrics ? now(read.rchMetrics(ctx.db, place)) : [],
    ])
    // what ran when the daemon was last up is no picture of now
    const up = new Set(daemons.filter((row) => row.daemon_state === 'up').map((row) => row.machine_id))
    return {
      data: {
        daemons: daemons.map(daemonOf),
        workers: workers.map(workerOf),
        running: running.filter((row) => up.has(row.machine_id)).map(runningOf),
        recent: all.slice(0, params.limit).map(buildOf),
        summary: summaryOf(all),
        incidents: incidents.map(incidentOf),
        setup_checks: runs.map((row) => setupOf(row, problems)),
        metrics: metrics.map(metricOf),
      },
      warnings:
        daemons.length + runs.length > 0
          ? []
          : [warning('not_collected', 'no machine vc looked at has rch, or a run of the setup checker', 'vc doctor')],
    }
  },
})
