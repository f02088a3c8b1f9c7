import type { Db } from '../db.ts'
import type { TableName } from '../registry.ts'
import { time } from '../sql.ts'
import { overPicture } from './history.ts'
import { pressure } from './pictures.ts'
import { remembered } from './remembered.ts'
import { unlessEmpty } from './unless-empty.ts'

export interface StrainQuestion {
  /** Absent: now. */
  readonly at?: Date | undefined
  /** The moment asked about, whole minutes: a question that repeats is remembered. */
  readonly moment: Date
}

/** Sums per machine over a picture. */
const perMachine = <Row>(
  db: Db,
  table: TableName,
  { at }: StrainQuestion,
  sql: (from: string) => string,
): Promise<Row[]> => unlessEmpty(db, at === undefined ? [table] : [], () => overPicture<Row>(db, table, at, sql))

export interface StallRow {
  readonly machine_id: string
  readonly resource: string
  readonly kind: string
  readonly pct: number
}
/** The worst that any source tells of each. */
export const stalls = async (db: Db, { at }: StrainQuestion): Promise<StallRow[]> => {
  const worst: StallRow[] = []
  // Sources that tell of the same follow each other.
  for (const { machine_id, resource, kind, avg60_pct: pct } of await pressure(db, { at })) {
    if (pct === null) continue
    const last = worst.at(-1)
    const isSame = last?.machine_id === machine_id && last.resource === resource && last.kind === kind
    if (!isSame) worst.push({ machine_id, resource, kind, pct })
    else if (pct > last.pct) worst.splice(-1, 1, { ...last, pct })
  }
  return worst
}

export interface MailBacklogRow {
  readonly machine_id: string
  readonly unread: number
  readonly unacked: number
  readonly oldest_unacked: string | null
}
/** A machine without a row has no agent mail. */
export const mailBacklogs = (db: Db, question: StrainQuestion): Promise<MailBacklogRow[]> =>
  perMachine(
    db,
    'mail_recipients',
    question,
    (from) => `SELECT machine_id, (count(*) FILTER (read_at IS NULL))::INTEGER AS unread,
        (count(*) FILTER (ack_required AND ack_at IS NULL))::INTEGER AS unacked,
        min(message_created_at) FILTER (ack_required AND ack_at IS NULL) AS oldest_unacked
      FROM ${from} WHERE retired_at IS NULL GROUP BY machine_id ORDER BY machine_id`,
  )

export interface TriageCountRow {
  readonly machine_id: string
  readonly critical: number
  readonly high: number
  readonly found: number
}
/** What process triage still finds on each machine; one with nothing to find has no row. */
export const triageCounts = (db: Db, question: StrainQuestion): Promise<TriageCountRow[]> =>
  perMachine(
    db,
    'process_triage_findings',
    question,
    (from) => `SELECT machine_id, (count(*) FILTER (severity = 'critical'))::INTEGER AS critical,
        (count(*) FILTER (severity = 'high'))::INTEGER AS high, count(*)::INTEGER AS found
      FROM ${from} WHERE NOT gone GROUP BY machine_id ORDER BY machine_id`,
  )

export interface BuildQueueRow {
  readonly machine_id: string
  readonly queue_depth: number
  readonly slots_available: number | null
}
/** Where the build daemon is up. */
export const buildQueues = (db: Db, question: StrainQuestion): Promise<BuildQueueRow[]> =>
  perMachine(
    db,
    'rch_status_snapshots',
    question,
    (from) => `SELECT machine_id, queue_depth, slots_available FROM ${from}
      WHERE daemon_state = 'up' AND queue_depth IS NOT NULL ORDER BY machine_id`,
  )

export interface QuotaRow {
  readonly machine_id: string
  readonly used_pct: number
  readonly account: string
  readonly provider: string
  readonly limit_id: string
  readonly window_name: string
  readonly observed_at: string
  readonly resets_at: string | null
  /** Seen in the last hours, and not reset since. */
  readonly open: boolean
}
const QUOTA_FRESH_MS = 6 * 3_600_000
/** The fullest open window seen on each machine; where none is, the last that was seen, rather one that may still be open. */
export const fullestWindows = (db: Db, question: StrainQuestion): Promise<QuotaRow[]> =>
  perMachine(
    db,
    'account_usage_snapshots',
    question,
    (
      from,
    ) => `SELECT machine_id, used_pct, coalesce(account_label, account_key) AS account, provider, limit_id, window_name, observed_at, resets_at,
        coalesce(resets_at > ${time(question.moment)}, false) AND observed_at > ${time(question.moment.getTime() - QUOTA_FRESH_MS)} AS open
      FROM ${from} WHERE used_pct IS NOT NULL AND coalesce(status, '') <> 'suspect'
      QUALIFY row_number() OVER (PARTITION BY machine_id ORDER BY open DESC, if(open, used_pct, NULL) DESC NULLS LAST,
        coalesce(resets_at > ${time(question.moment)}, true) DESC, coalesce(resets_at, observed_at) DESC, observed_at DESC) = 1 ORDER BY machine_id`,
  )

const GUARD_SEEN_MS = 30 * 86_400_000

export interface DenialRow {
  readonly machine_id: string
  readonly denied: number
}
/** Commands denied in the hour before; a machine where the guard did not speak for a month has no row. */
export const denials = (db: Db, { at, moment }: StrainQuestion): Promise<DenialRow[]> => {
  const sql = `SELECT machine_id, (count(*) FILTER (decision = 'deny' AND ts > ${time(moment.getTime() - 3_600_000)}))::INTEGER AS denied
    FROM dcg_events WHERE ts BETWEEN ${time(moment.getTime() - GUARD_SEEN_MS)} AND ${time(moment.getTime() + 60_000)} GROUP BY machine_id ORDER BY machine_id`
  return unlessEmpty(db, ['dcg_events'], () =>
    at === undefined ? remembered<DenialRow>(db, ['dcg_events'], sql) : db.rows<DenialRow>(sql),
  )
}
