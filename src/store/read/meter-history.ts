import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export interface MeterPoint {
  readonly bucket_at: string
  readonly cpu_pct: number | null
  readonly load5: number | null
  readonly mem_used_bytes: number | null
  readonly mem_total_bytes: number | null
}

export interface MeterHistory {
  /** Seconds from point to point; a bucket without samples has no point. */
  readonly stepS: number
  /** Oldest first, by the start of the bucket. */
  readonly points: readonly MeterPoint[]
}

const HOUR_MS = 3_600_000
/** A young history in five-minute buckets would be two points and no line. */
const FINE_MS = HOUR_MS
const FINE_STEP_S = 30
const COARSE_MS = 48 * HOUR_MS

const MEANS = `cpu_avg_pct AS cpu_pct, load5_avg AS load5, mem_used_avg_bytes AS mem_used_bytes, mem_total_bytes`

const rolled = (db: Db, table: 'sys_5m' | 'sys_1h', machineId: string, low: Date, high: Date): Promise<MeterPoint[]> =>
  db.rows<MeterPoint>(
    `SELECT bucket_at, ${MEANS} FROM ${table}
     WHERE machine_id = $machine AND bucket_at >= ${time(low)} AND bucket_at <= ${time(high)} ORDER BY bucket_at`,
    { machine: machineId },
  )

// One meter only, as in the rollups: sysmoni counts in another way.
const fine = (db: Db, machineId: string, low: Date, high: Date): Promise<MeterPoint[]> =>
  db.rows<MeterPoint>(
    `SELECT time_bucket(INTERVAL '${FINE_STEP_S} seconds', collected_at) AS bucket_at, avg(cpu_pct) AS cpu_pct, avg(load5) AS load5,
       round(avg(mem_used_bytes))::BIGINT AS mem_used_bytes, max(mem_total_bytes) AS mem_total_bytes
     FROM ${spanned(db, 'sys_samples', 'collected_at', { since: low, until: high })}
     WHERE machine_id = $machine AND source <> 'sysmoni' AND collected_at >= ${time(low)} AND collected_at <= ${time(high)}
     GROUP BY 1 ORDER BY 1`,
    { machine: machineId },
  )

/** Processor, memory and load of one machine in [since, until]: in the finest steps that make no more than some 600 points. */
export const meterHistory = async (
  db: Db,
  question: { readonly machineId: string; readonly since: Date; readonly until: Date },
): Promise<MeterHistory> => {
  const { machineId, since, until } = question
  if (until.getTime() - since.getTime() > COARSE_MS)
    return { stepS: 3_600, points: await rolled(db, 'sys_1h', machineId, since, until) }
  const points = await rolled(db, 'sys_5m', machineId, since, until)
  const first = points[0] === undefined ? null : Date.parse(points[0].bucket_at)
  if (first === null || until.getTime() - first > FINE_MS) return { stepS: 300, points }
  return { stepS: FINE_STEP_S, points: await fine(db, machineId, new Date(Math.max(first, since.getTime())), until) }
}
