import * as z from 'zod'
import * as read from '../store/index.ts'
import { defineQuery, warning } from './define.ts'
import { when } from './fleet-rows.ts'
import { atParam, limitParam, momentOf, parseMoment } from './params.ts'
import { type BenchHost, driftOf, hostsOf, type MetricDrift, machineOf } from './rows-bench.ts'
import { count, isoTime } from './shapes.ts'

const metricLine = z.object({
  metric: z
    .string()
    .describe('cpu_events_per_s | fileio_reads_per_s | memory_mib | mutex_avg_latency_ms | threads_avg_latency_ms'),
  better: z.enum(['higher', 'lower']),
  last: z.number(),
  runs: count.describe('in the asked time'),
  baseline: z.number().nullable().describe('median of up to ten runs before the last; null: fewer than three'),
  worse_pct: z.number().nullable().describe('distance from the baseline towards worse; negative: better'),
})

const hostLine = z.object({
  machine: z.string().nullable().describe('null: no machine of vc is known to be this host'),
  hostname: z.string().describe('alias in the inventory of the controller'),
  controller: z.string(),
  last_run: isoTime,
  score: z.number().nullable().describe('0-100 among the hosts of that one run: not comparable between runs'),
  worst_pct: z.number().nullable().describe('worst of worse_pct'),
  metrics: z.array(metricLine),
})

const lineOf = (host: BenchHost, machine: string | null): z.input<typeof hostLine> => {
  const byType = Map.groupBy(host.raw, (row) => row.benchmark_type)
  const metrics = [...byType]
    .map(([type, rows]) =>
      driftOf(
        type,
        rows.map(({ value }) => value),
      ),
    )
    .filter((drift): drift is MetricDrift => drift !== null)
    .sort((a, b) => a.metric.localeCompare(b.metric))
  const worse = metrics.flatMap(({ worse_pct }) => (worse_pct === null ? [] : [worse_pct]))
  const times = [...host.raw, ...host.scores].map(({ ts }) => ts).sort()
  return {
    machine,
    hostname: host.hostname,
    controller: host.controller,
    last_run: times.at(-1) ?? '',
    score: host.scores.at(-1)?.overall_score ?? null,
    worst_pct: worse.length === 0 ? null : Math.max(...worse),
    metrics,
  }
}

/** Hosts as their benchmarks see them: each against its own past, never against another host. */
export const bench = defineQuery({
  name: 'bench',
  version: 1,
  summary: 'Benchmarks of hosts: last values and how far they are from their own baseline, the worst first',
  sources: ['cloud_benchmarker'],
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    since: z.string().default('30d').describe('runs since: age such as 30d, or ISO time'),
    limit: limitParam(50, 'most hosts listed, the worst first'),
  }),
  data: z.object({ hosts: z.array(hostLine), total: count.describe('hosts, before limit') }),
  example: {},
  whole: { limit: 100_000 },
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const question = { ...when(at), since: parseMoment(params.since, at ?? ctx.now) }
    const [raw, scores, machines] = await Promise.all([
      read.benchRaw(ctx.db, question),
      read.benchOverall(ctx.db, question),
      read.machines(ctx.db, when(at)),
    ])
    const hosts = hostsOf(raw, scores)
      .map((host) => lineOf(host, machineOf(host, machines)))
      .filter((line) => params.machine === undefined || line.machine === params.machine)
      .sort((a, b) => (b.worst_pct ?? -1e9) - (a.worst_pct ?? -1e9) || a.hostname.localeCompare(b.hostname))
    return {
      data: { hosts: hosts.slice(0, params.limit), total: hosts.length },
      warnings:
        raw.length + scores.length > 0
          ? []
          : [
              warning(
                'not_collected',
                'no benchmark is known in that time',
                'set collectors.cloud_benchmarker.port or .database on the machine that runs cloud_benchmarker',
              ),
            ],
    }
  },
})
