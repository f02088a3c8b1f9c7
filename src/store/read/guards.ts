import type { z } from 'zod'
import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import type { TableName } from '../registry.ts'
import { names, time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import {
  DcgEventRow,
  MailMessageRow,
  MailRecipientRow,
  MailReservationRow,
  NetSessionRow,
  RanoEventRow,
  TriageFindingRow,
  TriageSnapshotRow,
} from './rows/guards.ts'

/** Facts of a span of time. `by` is when they happened (default) or when vc saw them. */
export interface SpanQuestion {
  readonly since: Date
  readonly until?: Date | undefined
  readonly machineId?: string | undefined
  readonly by?: 'happened' | 'seen'
  readonly limit: number
}

/** What is seen may have happened as long before; the archive is by when it happened. */
const SEEN_LATER_MS = 7 * 86_400_000

/** The newest `limit` of a span, newest first; by when they were seen: the oldest, oldest first. */
const spanOf =
  <Schema extends z.ZodObject>(table: TableName, schema: Schema, at: string, filter = 'true') =>
  (db: Db, { since, until, machineId, by = 'happened', limit }: SpanQuestion): Promise<z.infer<Schema>[]> => {
    const column = by === 'seen' ? 'collected_at' : at
    const end = until === undefined ? 'true' : `${column} <= ${time(until)} AND collected_at <= ${time(until)}`
    return db.rows<z.infer<Schema>>(
      `SELECT ${names(Object.keys(schema.shape))} FROM ${spanned(db, table, at, { since, until }, by === 'seen' ? SEEN_LATER_MS : 0)}
       WHERE ${column} >= ${time(since)} AND ${end} AND ($machine IS NULL OR machine_id = $machine) AND ${filter}
       ORDER BY ${column} ${by === 'seen' ? 'ASC' : 'DESC'}, machine_id LIMIT ${Math.trunc(limit)}`,
      { machine: machineId ?? null },
    )
  }

export const mailMessages = spanOf('mail_messages', MailMessageRow, 'created_at')
export const dcgEvents = spanOf('dcg_events', DcgEventRow, 'ts')
/** Connections the observer itself calls alarming, or opened by a process it cannot name. */
export const notableConnections = spanOf(
  'rano_events',
  RanoEventRow,
  'ts',
  "event = 'connect' AND (alert OR provider = 'unknown')",
)
/** Each change of a finding: found, judged otherwise, gone. */
export const triageChanges = spanOf('process_triage_findings', TriageFindingRow, 'collected_at')

const MINE = '($machine IS NULL OR machine_id = $machine)'
const mine = ({ at, machineId }: MachineQuestion) => ({ at, params: { machine: machineId ?? null } })

/** Who has not read a message yet, or not acknowledged one that asks for it. */
export const openMail = (db: Db, question: MachineQuestion = {}): Promise<MailRecipientRow[]> =>
  picture(db, 'mail_recipients', MailRecipientRow, {
    ...mine(question),
    where: `${MINE} AND (read_at IS NULL OR (ack_required AND ack_at IS NULL))`,
    orderBy: 'machine_id, message_created_at, message_id, recipient',
  })

/** Who has not acknowledged a message that asks for it, of those that still may. */
export const unansweredMail = (db: Db, question: MachineQuestion = {}): Promise<MailRecipientRow[]> =>
  picture(db, 'mail_recipients', MailRecipientRow, {
    ...mine(question),
    where: `${MINE} AND ack_required AND ack_at IS NULL AND retired_at IS NULL`,
    orderBy: 'machine_id, message_created_at, message_id, recipient',
  })

/** Reserved files as they were last seen; one may have run out since. */
export const mailReservations = (db: Db, question: MachineQuestion = {}): Promise<MailReservationRow[]> =>
  picture(db, 'mail_file_reservations', MailReservationRow, {
    ...mine(question),
    where: MINE,
    orderBy: 'machine_id, project_id, path_pattern, holder',
  })

export const netSessions = (db: Db, question: MachineQuestion = {}): Promise<NetSessionRow[]> =>
  picture(db, 'net_session_summary', NetSessionRow, {
    ...mine(question),
    where: MINE,
    orderBy: 'machine_id, last_ts DESC, provider',
  })

export const triageFindings = (db: Db, question: MachineQuestion = {}): Promise<TriageFindingRow[]> =>
  picture(db, 'process_triage_findings', TriageFindingRow, {
    ...mine(question),
    where: MINE,
    orderBy: 'machine_id, confidence DESC NULLS LAST, pid',
  })

export const triageSnapshots = (db: Db, question: MachineQuestion = {}): Promise<TriageSnapshotRow[]> =>
  picture(db, 'process_triage_snapshots', TriageSnapshotRow, { ...mine(question), where: MINE, orderBy: 'machine_id' })

export interface DestinationRow {
  readonly machine_id: string
  readonly provider: string | null
  readonly remote_ip: string | null
  readonly remote_port: number | null
  readonly domain: string | null
  readonly connections: number
  readonly alerts: number
  readonly first_ts: string
  readonly last_ts: string
}

/** Where connections of a span went, busiest first. */
export const destinations = (db: Db, question: SpanQuestion): Promise<DestinationRow[]> =>
  db.rows<DestinationRow>(
    `SELECT machine_id, provider, remote_ip, remote_port, max(domain) AS domain, count(*)::INTEGER AS connections,
       (count(*) FILTER (alert))::INTEGER AS alerts, min(ts) AS first_ts, max(ts) AS last_ts
     FROM ${spanned(db, 'rano_events', 'ts', question)} WHERE event = 'connect' AND ts BETWEEN ${time(question.since)} AND ${time(question.until ?? Date.now())}
       AND ${MINE}
     GROUP BY machine_id, provider, remote_ip, remote_port
     ORDER BY connections DESC, machine_id, remote_ip, remote_port LIMIT ${Math.trunc(question.limit)}`,
    { machine: question.machineId ?? null },
  )
