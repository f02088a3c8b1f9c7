import type { Db } from '../db.ts'
import { time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { CassIndexRow, CassStatsRow, TimelineBucketRow } from './rows/content.ts'

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

const about = (question: MachineQuestion) => ({ at: question.at, params: { machine: question.machineId ?? null } })

/** State of cass's index on each machine that has it. */
export const cassIndexes = (db: Db, question: MachineQuestion = {}): Promise<CassIndexRow[]> =>
  picture(db, 'cass_index_status', CassIndexRow, { ...about(question), where: ON_MACHINE, orderBy: 'machine_id' })

/** The last totals of cass on each machine. */
export const cassStats = (db: Db, question: MachineQuestion = {}): Promise<CassStatsRow[]> =>
  picture(db, 'cass_stats_snapshots', CassStatsRow, { ...about(question), where: ON_MACHINE, orderBy: 'machine_id' })

/** Sessions that began per hour since then, oldest first. */
export const sessionTimeline = (
  db: Db,
  question: MachineQuestion & { readonly since: Date },
): Promise<TimelineBucketRow[]> =>
  picture(db, 'session_timeline_buckets', TimelineBucketRow, {
    ...about(question),
    where: `${ON_MACHINE} AND bucket_start >= ${time(question.since)}`,
    orderBy: 'bucket_start, machine_id, agent, origin_id',
  })
