import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { time } from '../sql.ts'

export interface DiskUseRow {
  readonly machine_id: string
  readonly mount: string
  readonly bucket_at: string
  readonly used_bytes: number
  /** Used and available together: what the system keeps for itself is not to be had. */
  readonly limit_bytes: number
}

/** The last sample of each half hour per filesystem in [since, until], oldest first. */
export const diskUse = (
  db: Db,
  question: { readonly since: Date; readonly until: Date; readonly machineId?: string | undefined },
): Promise<DiskUseRow[]> =>
  db.rows<DiskUseRow>(
    `SELECT machine_id, mount, max(collected_at) AS bucket_at, arg_max(used_bytes, collected_at) AS used_bytes,
       arg_max(used_bytes + avail_bytes, collected_at) AS limit_bytes
     FROM ${spanned(db, 'sys_filesystems', 'collected_at', question)}
     WHERE collected_at >= ${time(question.since)} AND collected_at <= ${time(question.until)}
       AND used_bytes IS NOT NULL AND avail_bytes IS NOT NULL AND ($machine IS NULL OR machine_id = $machine)
     GROUP BY machine_id, mount, time_bucket(INTERVAL '30 minutes', collected_at) ORDER BY machine_id, mount, bucket_at`,
    { machine: question.machineId ?? null },
  )

export interface MemoryUseRow {
  readonly machine_id: string
  readonly bucket_at: string
  readonly used_bytes: number
  readonly limit_bytes: number
}

/** Mean use of memory per quarter of an hour in [since, until], oldest first. */
export const memoryUse = (
  db: Db,
  question: { readonly since: Date; readonly until: Date; readonly machineId?: string | undefined },
): Promise<MemoryUseRow[]> =>
  db.rows<MemoryUseRow>(
    `SELECT machine_id, max(bucket_at) AS bucket_at, round(avg(mem_used_avg_bytes))::BIGINT AS used_bytes,
       max(mem_total_bytes) AS limit_bytes
     FROM sys_5m
     WHERE bucket_at >= ${time(question.since)} AND bucket_at <= ${time(question.until)}
       AND mem_used_avg_bytes IS NOT NULL AND mem_total_bytes IS NOT NULL AND ($machine IS NULL OR machine_id = $machine)
     GROUP BY machine_id, time_bucket(INTERVAL '15 minutes', bucket_at) ORDER BY machine_id, bucket_at`,
    { machine: question.machineId ?? null },
  )
