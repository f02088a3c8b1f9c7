import type * as z from 'zod'
import { spanned } from '../archive-state.ts'
import type { Db, Params } from '../db.ts'
import type { TableName } from '../registry.ts'
import { names, time } from '../sql.ts'
import { picture, pictureSource } from './history.ts'
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
import { unlessEmpty } from './unless-empty.ts'

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
  (
    db: Db,
    { since, until, machineId, by = 'happened', limit }: SpanQuestion,
    params: Params = {},
  ): Promise<z.infer<Schema>[]> => {
    const column = by === 'seen' ? 'collected_at' : at
    const end = until === undefined ? 'true' : `${column} <= ${time(until)} AND collected_at <= ${time(until)}`
    return db.rows<z.infer<Schema>>(
      `SELECT ${names(Object.keys(schema.shape))} FROM ${spanned(db, table, at, { since, until }, by === 'seen' ? SEEN_LATER_MS : 0)}
       WHERE ${column} >= ${time(since)} AND ${end} AND ($machine IS NULL OR machine_id = $machine) AND ${filter}
       ORDER BY ${column} ${by === 'seen' ? 'ASC' : 'DESC'}, machine_id LIMIT ${Math.trunc(limit)}`,
      { machine: machineId ?? null, ...params },
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

const OPEN = '(read_at IS NULL OR (ack_required AND ack_at IS NULL))'

const ofProject = spanOf('mail_messages', MailMessageRow, 'created_at', '($project IS NULL OR project_id = $project)')

/** Messages of a span, newest first; of one project where it is named. */
export const projectMail = (
  db: Db,
  question: SpanQuestion & { readonly project?: string | undefined },
): Promise<MailMessageRow[]> => ofProject(db, question, { project: question.project ?? null })

/** Who has not read messages of these ids yet, or not acknowledged them where they ask for that. */
export const openMailOf = (
  db: Db,
  question: MachineQuestion & { readonly messageIds: readonly string[] },
): Promise<MailRecipientRow[]> =>
  picture(db, 'mail_recipients', MailRecipientRow, {
    at: question.at,
    where: `${MINE} AND ${OPEN} AND message_id IN (SELECT unnest(string_split($ids, chr(1))))`,
    params: { machine: question.machineId ?? null, ids: [...new Set(question.messageIds)].join('\u0001') },
    orderBy: 'machine_id, message_created_at, message_id, recipient',
  })

interface MailPlace {
  readonly machine_id: string
  readonly database_path: string
  readonly project_id: string | null
}

export interface MailSentRow extends MailPlace {
  readonly messages: number
}

/** How many messages of a span each project has, the last written to first. */
export const mailSent = (db: Db, { since, until, machineId }: Omit<SpanQuestion, 'limit'>): Promise<MailSentRow[]> => {
  const end = until === undefined ? 'true' : `created_at <= ${time(until)} AND collected_at <= ${time(until)}`
  return db.rows<MailSentRow>(
    `SELECT machine_id, database_path, project_id, count(*)::INTEGER AS messages
     FROM ${spanned(db, 'mail_messages', 'created_at', { since, until })} WHERE created_at >= ${time(since)} AND ${end} AND ${MINE}
     GROUP BY ALL ORDER BY max(created_at) DESC, machine_id`,
    { machine: machineId ?? null },
  )
}

export interface MailOpenRow extends MailPlace {
  readonly unread: number
  readonly urgent_unread: number
  readonly ack_pending: number
  readonly ack_overdue: number
  readonly oldest_ack_pending: string | null
}

/** What is unread and unacknowledged in each project, retired recipients left out, the longest open first on each machine. */
export const mailOpen = async (
  db: Db,
  question: MachineQuestion & { readonly lateBefore: Date },
): Promise<MailOpenRow[]> =>
  unlessEmpty(db, question.at === undefined ? ['mail_recipients'] : [], async () =>
    db.rows<MailOpenRow>(
      `SELECT machine_id, database_path, project_id, (count(*) FILTER (read_at IS NULL))::INTEGER AS unread,
       (count(*) FILTER (read_at IS NULL AND importance IN ('high', 'urgent')))::INTEGER AS urgent_unread,
       (count(*) FILTER (ack_required AND ack_at IS NULL))::INTEGER AS ack_pending,
       (count(*) FILTER (ack_required AND ack_at IS NULL AND message_created_at < ${time(question.lateBefore)}))::INTEGER AS ack_overdue,
       min(message_created_at) FILTER (ack_required AND ack_at IS NULL) AS oldest_ack_pending
     FROM ${await pictureSource(db, 'mail_recipients', question.at)} WHERE ${MINE} AND ${OPEN} AND retired_at IS NULL
     GROUP BY ALL ORDER BY machine_id, min(message_created_at), min(message_id)`,
      { machine: question.machineId ?? null },
    ),
  )

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
