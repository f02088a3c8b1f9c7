import { text, time } from '../sql.ts'
import type { Talk } from '../talk.ts'

/** Buckets are rebuilt whole from the raw rows, so late rows and retries cannot make them drift. */
const SYS = `count(*)::INTEGER AS samples,
  avg(cpu_pct) AS cpu_avg_pct, max(cpu_pct) AS cpu_max_pct, avg(load5) AS load5_avg, max(load5) AS load5_max,
  round(avg(mem_used_bytes))::BIGINT AS mem_used_avg_bytes, max(mem_used_bytes) AS mem_used_max_bytes,
  max(mem_total_bytes) AS mem_total_bytes, max(swap_used_bytes) AS swap_used_max_bytes,
  avg(disk_read_bytes_per_s) AS disk_read_bytes_per_s, avg(disk_write_bytes_per_s) AS disk_write_bytes_per_s,
  avg(net_rx_bytes_per_s) AS net_rx_bytes_per_s, avg(net_tx_bytes_per_s) AS net_tx_bytes_per_s`

// It counts memory, network and disks in another way than the probe: one series holds one of them.
const ONE_METER = "source <> 'sysmoni'"

const USAGE = `count(*) AS messages, sum(input_tokens)::BIGINT AS input_tokens, sum(output_tokens)::BIGINT AS output_tokens,
  sum(cache_read_tokens)::BIGINT AS cache_read_tokens,
  sum(cache_write_5m_tokens + cache_write_1h_tokens)::BIGINT AS cache_write_tokens,
  sum(reasoning_tokens)::BIGINT AS reasoning_tokens, sum(total_tokens)::BIGINT AS total_tokens,
  coalesce(sum(cost_microusd), 0)::BIGINT AS cost_microusd,
  coalesce(sum(total_tokens) FILTER (cost_microusd IS NULL), 0)::BIGINT AS unpriced_tokens`

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export interface Rollup {
  readonly table: string
  readonly raw: string
  readonly time: string
  readonly bucketMs: number
  readonly groupBy: string
  readonly measures: string
  /** Which raw rows count; default all. */
  readonly only?: string
}

export const ROLLUPS: readonly Rollup[] = [
  {
    table: 'sys_5m',
    raw: 'sys_samples',
    time: 'collected_at',
    bucketMs: 300_000,
    groupBy: 'machine_id',
    measures: SYS,
    only: ONE_METER,
  },
  {
    table: 'sys_1h',
    raw: 'sys_samples',
    time: 'collected_at',
    bucketMs: HOUR_MS,
    groupBy: 'machine_id',
    measures: SYS,
    only: ONE_METER,
  },
  {
    table: 'usage_1h',
    raw: 'agent_usage',
    time: 'ts',
    bucketMs: HOUR_MS,
    groupBy: 'machine_id, provider, cli, model, account_key',
    measures: USAGE,
  },
  {
    table: 'usage_1d',
    raw: 'agent_usage',
    time: 'ts',
    bucketMs: DAY_MS,
    groupBy: 'machine_id, provider, cli, model, account_key, project',
    measures: USAGE,
  },
]

/** `time_bucket` with an origin of our own, so that days and hours start at UTC boundaries. */
export const bucketOf = (rollup: Rollup, column: string): string =>
  `time_bucket(INTERVAL '${rollup.bucketMs / 1000} seconds', ${column}, TIMESTAMP '2000-01-01')`

const floor = (ms: number, step: number): number => Math.floor(ms / step) * step

const systemRollups = ROLLUPS.filter(({ raw }) => raw === 'sys_samples')

const SYSTEM = new RegExp(`\\b(?:${systemRollups.map(({ table }) => table).join('|')})\\b`)

/** Whether SQL reads buckets of system samples. */
export const readsSystemRollups = (sql: string): boolean => SYSTEM.test(sql)

/** Rebuilds the buckets of these machines from that of `low` to that of `high` (ms). */
export const rebuildSystem = (connection: Talk, low: number, high: number, machines: readonly string[]): void => {
  const which = `machine_id IN (${[...new Set(machines)].map(text).join(', ')})`
  for (const rollup of systemRollups) {
    const until = floor(high, rollup.bucketMs) + rollup.bucketMs
    rebuild(connection, rollup, floor(low, rollup.bucketMs), until, { bucket: which, raw: which })
  }
}

/** How far behind the newest bucket a sample without one may lie: clocks are set back, and machines are late. */
const BEHIND_MS = 2 * HOUR_MS

/** Machines with more samples than their newest buckets count, and the times of those; null: every sample is counted. */
export const unrolledSystem = async (
  connection: Talk,
): Promise<{ readonly low: number; readonly high: number; readonly machines: readonly string[] } | null> => {
  const [rollup] = systemRollups
  if (rollup === undefined) return null
  const newest = await connection.runAndReadAll(
    `SELECT epoch_ms(coalesce((SELECT max(bucket_at) FROM ${rollup.table}), (SELECT min(collected_at) FROM sys_samples)))`,
  )
  const at = newest.getRows()[0]?.[0]
  if (at === null || at === undefined) return null
  const low = time(floor(Number(at) - BEHIND_MS, rollup.bucketMs))
  const found = await connection.runAndReadAll(
    `SELECT s.machine_id, epoch_ms(min(s.bucket_at)), epoch_ms(max(s.bucket_at)) FROM
       (SELECT ${bucketOf(rollup, 'collected_at')} AS bucket_at, machine_id, count(*) AS samples FROM sys_samples
        WHERE collected_at >= ${low} AND ${ONE_METER} GROUP BY ALL) AS s
     LEFT JOIN (FROM ${rollup.table} WHERE bucket_at >= ${low}) AS t USING (bucket_at, machine_id)
     WHERE s.samples > coalesce(t.samples, 0) GROUP BY s.machine_id`,
  )
  const rows = found.getRows()
  if (rows.length === 0) return null
  return {
    low: Math.min(...rows.map((row) => Number(row[1]))),
    high: Math.max(...rows.map((row) => Number(row[2]))),
    machines: rows.map((row) => String(row[0])),
  }
}

const ALL = { bucket: 'true', raw: 'true' }

/** Rebuilds the hours and days in `ledger_touched`; where those are most of their span, all of it: to ask of each row costs more. */
export const rollUsage = async (connection: Talk): Promise<void> => {
  const span = await connection.runAndReadAll(
    'SELECT count(*), epoch_ms(min(bucket_at)), epoch_ms(max(bucket_at)) FROM ledger_touched',
  )
  const [hours, low, high] = (span.getRows()[0] ?? []).map(Number) as [number, number, number]
  if (hours === 0) return
  const isDense = 2 * hours * HOUR_MS > high - low
  for (const rollup of ROLLUPS.filter(({ raw }) => raw === 'agent_usage')) {
    const touched = `(SELECT ${bucketOf(rollup, 'bucket_at')} FROM ledger_touched)`
    const from = floor(low, rollup.bucketMs)
    const to = floor(high, rollup.bucketMs) + rollup.bucketMs
    const some = { bucket: `bucket_at IN ${touched}`, raw: `${bucketOf(rollup, rollup.time)} IN ${touched}` }
    rebuild(connection, rollup, from, to, isDense ? ALL : some)
  }
}

/** Makes the hours and days of these CLIs (as SQL texts), which had none. */
export const rollClis = (connection: Talk, clis: string): void => {
  for (const rollup of ROLLUPS.filter(({ raw }) => raw === 'agent_usage'))
    connection.say(`INSERT INTO ${rollup.table} BY NAME ${selectRollup(rollup, `cli IN (${clis})`)}`)
}

const rebuild = (
  connection: Talk,
  rollup: Rollup,
  low: number,
  high: number,
  only: { readonly bucket: string; readonly raw: string },
): void => {
  const bounds = (column: string): string => `${column} >= ${time(low)} AND ${column} < ${time(high)}`
  connection.say(`DELETE FROM ${rollup.table} WHERE ${bounds('bucket_at')} AND ${only.bucket}`)
  connection.say(
    `INSERT INTO ${rollup.table} BY NAME ${selectRollup(rollup, `${bounds(rollup.time)} AND ${only.raw}`)}`,
  )
}

/** The group-by that a rollup must always equal. */
export const selectRollup = (rollup: Rollup, where: string): string =>
  `SELECT ${bucketOf(rollup, rollup.time)} AS bucket_at, ${rollup.groupBy}, ${rollup.measures}
   FROM ${rollup.raw} WHERE ${where} AND ${rollup.only ?? 'true'} GROUP BY ALL`
