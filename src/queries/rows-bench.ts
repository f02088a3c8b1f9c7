import { median } from 'simple-statistics'
import type { BenchOverallRow, BenchRawRow, MachineRow } from '../store/index.ts'

/** For the two latencies less is better. The scores of the source count them the other way round, so vc never drifts on scores. */
const LOWER_IS_BETTER = new Set(['mutex_avg_latency_ms', 'threads_avg_latency_ms'])

export interface MetricDrift {
  readonly metric: string
  readonly better: 'higher' | 'lower'
  readonly last: number
  readonly runs: number
  readonly baseline: number | null
  readonly worse_pct: number | null
}

const BASELINE_RUNS = 10
const LEAST_RUNS = 3

/** The last value against the median of the ten runs before it, in percent towards worse; null before three runs. */
export const driftOf = (metric: string, values: readonly number[]): MetricDrift | null => {
  const last = values.at(-1)
  if (last === undefined) return null
  const before = values.slice(-1 - BASELINE_RUNS, -1)
  const baseline = before.length < LEAST_RUNS ? null : median([...before])
  const better = LOWER_IS_BETTER.has(metric) ? 'lower' : 'higher'
  const changePct = baseline === null || baseline === 0 ? null : (100 * (last - baseline)) / baseline
  const worse = changePct === null ? null : better === 'lower' ? changePct : -changePct
  return { metric, better, last, runs: values.length, baseline, worse_pct: worse }
}

export interface BenchHost {
  readonly controller: string
  readonly hostname: string
  readonly address: string | null
  readonly configured: string | null
  readonly raw: readonly BenchRawRow[]
  readonly scores: readonly BenchOverallRow[]
}

/** Rows of one host of one controller, oldest first as they came. */
export const hostsOf = (raw: readonly BenchRawRow[], scores: readonly BenchOverallRow[]): readonly BenchHost[] => {
  const key = (row: BenchRawRow | BenchOverallRow): string => JSON.stringify([row.machine_id, row.hostname])
  const byHost = Map.groupBy([...raw, ...scores], key)
  const [rawOf, scoresOf] = [Map.groupBy(raw, key), Map.groupBy(scores, key)]
  return [...byHost].flatMap(([id, rows]) => {
    const last = rows.reduce((a, b) => (b.ts >= a.ts ? b : a))
    return [
      {
        controller: last.machine_id,
        hostname: last.hostname,
        address: last.host_address,
        configured: last.host_machine_id,
        raw: rawOf.get(id) ?? [],
        scores: scoresOf.get(id) ?? [],
      },
    ]
  })
}

const addressOf = (target: string): string =>
  target
    .replace(/^ssh:\/\//, '')
    .replace(/^[^@]*@/, '')
    .replace(/:\d+$/, '')

/** Which machine a host is: as configured, else by equal name, else by the address vc logs in to. */
export const machineOf = (host: BenchHost, machines: readonly MachineRow[]): string | null =>
  host.configured ??
  machines.find(({ machine_id }) => machine_id === host.hostname)?.machine_id ??
  machines.find(({ ssh_target }) => host.address !== null && addressOf(ssh_target) === host.address)?.machine_id ??
  null
