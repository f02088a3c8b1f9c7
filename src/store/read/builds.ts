import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import {
  AfscEventRow,
  AfscRunRow,
  RchBuildRow,
  RchIncidentRow,
  RchMetricRow,
  RchRunningBuildRow,
  RchStatusRow,
  RchWorkerRow,
} from './rows/builds.ts'

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

const about = (question: MachineQuestion, orderBy: string) => ({
  at: question.at,
  params: { machine: question.machineId ?? null },
  where: ON_MACHINE,
  orderBy,
})

/** What rchd said last on each machine that has rch. */
export const rchStatuses = (db: Db, question: MachineQuestion = {}): Promise<RchStatusRow[]> =>
  picture(db, 'rch_status_snapshots', RchStatusRow, about(question, 'machine_id'))
export const rchWorkers = (db: Db, question: MachineQuestion = {}): Promise<RchWorkerRow[]> =>
  picture(db, 'rch_workers', RchWorkerRow, about(question, 'machine_id, worker_id'))
/** Builds that run or wait, as of the last look at a daemon that was up. */
export const rchRunningBuilds = (db: Db, question: MachineQuestion = {}): Promise<RchRunningBuildRow[]> =>
  picture(db, 'rch_running_builds', RchRunningBuildRow, about(question, 'machine_id, phase, queue_position, build_id'))
export const rchMetrics = (db: Db, question: MachineQuestion = {}): Promise<RchMetricRow[]> =>
  picture(db, 'rch_metric_samples', RchMetricRow, about(question, 'machine_id, metric_name, labels_json'))

export interface SinceQuestion extends MachineQuestion {
  readonly since: Date
  readonly limit: number
}

/** Events since then and, with `at`, until then; newest first. */
const newest =
  <Row>(table: string, shape: Readonly<Record<string, unknown>>, at: string, tie: string) =>
  (db: Db, question: SinceQuestion): Promise<Row[]> => {
    const until = question.at ? `AND "${at}" <= ${time(question.at)}` : ''
    return db.rows<Row>(
      `SELECT ${names(Object.keys(shape))} FROM ${spanned(db, table, at, { since: question.since, until: question.at })}
       WHERE "${at}" >= ${time(question.since)} ${until} AND ${ON_MACHINE}
       ORDER BY "${at}" DESC, machine_id, ${tie} LIMIT ${Math.trunc(question.limit)}`,
      { machine: question.machineId ?? null },
    )
  }

export const rchBuilds = newest<RchBuildRow>('rch_builds', RchBuildRow.shape, 'completed_at', 'build_id')
export const rchIncidents = newest<RchIncidentRow>('rch_incidents', RchIncidentRow.shape, 'occurred_at', 'incident_id')
export const setupRuns = newest<AfscRunRow>('afsc_run_facts', AfscRunRow.shape, 'ts', 'run_id')
export const setupEvents = newest<AfscEventRow>('afsc_event_logs', AfscEventRow.shape, 'ts', 'installer_name')
