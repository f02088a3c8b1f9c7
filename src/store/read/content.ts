import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { overPicture, picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { CassIndexRow, CassStatsRow } from './rows/content.ts'

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

const about = (question: MachineQuestion) => ({ at: question.at, params: { machine: question.machineId ?? null } })

/** State of cass's index on each machine that has it. */
export const cassIndexes = (db: Db, question: MachineQuestion = {}): Promise<CassIndexRow[]> =>
  picture(db, 'cass_index_status', CassIndexRow, { ...about(question), where: ON_MACHINE, orderBy: 'machine_id' })

/** The last totals of cass on each machine. */
export const cassStats = (db: Db, question: MachineQuestion = {}): Promise<CassStatsRow[]> =>
  picture(db, 'cass_stats_snapshots', CassStatsRow, { ...about(question), where: ON_MACHINE, orderBy: 'machine_id' })

export interface SessionStartsRow {
  readonly bucket_at: string
  readonly machine_id: string
  readonly agent: string
  readonly sessions: number
  /** That began elsewhere and were copied here. */
  readonly synced_sessions: number
  /** Of the sessions of this machine; null: of some nobody knows. */
  readonly messages: number | null
}

/** Sessions that began since then by hour or day, machine and agent, oldest first. */
export const sessionStarts = (
  db: Db,
  question: MachineQuestion & { readonly since: Date; readonly by: 'hour' | 'day' },
): Promise<SessionStartsRow[]> =>
  overPicture(
    db,
    'session_timeline_buckets',
    question.at,
    (
      from,
    ) => `SELECT ${question.by === 'hour' ? 'bucket_start' : "date_trunc('day', bucket_start)"} AS bucket_at, machine_id, agent,
       coalesce(sum(conversation_count) FILTER (origin = 'local'), 0)::BIGINT AS sessions,
       coalesce(sum(conversation_count) FILTER (origin <> 'local'), 0)::BIGINT AS synced_sessions,
       CASE WHEN NOT coalesce(bool_or(message_count IS NULL) FILTER (origin = 'local'), false)
         THEN coalesce(sum(message_count) FILTER (origin = 'local'), 0)::BIGINT END AS messages
     FROM ${from} WHERE ${ON_MACHINE} AND bucket_start >= ${time(question.since)}
     GROUP BY 1, 2, 3 ORDER BY min(bucket_start), machine_id, agent`,
    { machine: question.machineId ?? null },
  )
