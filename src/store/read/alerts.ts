import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { withHeld } from '../held-rows.ts'
import { names, time } from '../sql.ts'
import type { At } from './history.ts'
import { overPicture, picture } from './history.ts'
import { AlertDeliveryRow, AlertRow } from './rows/alerts.ts'

/** An alert stands for itself when it has not ended, nobody closed it and no other alert is its cause. */
const STANDS_ALONE = "status <> 'resolved' AND closed_at IS NULL AND suppressed_by IS NULL"

/** Alerts that are pending or firing, not closed and not the consequence of another one; the worst first. */
export const activeAlerts = (db: Db, question: At = {}): Promise<AlertRow[]> =>
  picture(db, 'alerts', AlertRow, {
    ...question,
    where: STANDS_ALONE,
    orderBy: "CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, since, alert_id",
  })

const OF_QUESTION = '($machine IS NULL OR machine_id = $machine) AND ($rule IS NULL OR rule = $rule)'
const WORST_FIRST = `status <> 'firing', CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 WHEN 'info' THEN 2 ELSE 3 END, since, alert_id`

export interface AlertQuestion extends At {
  readonly machineId?: string | undefined
  readonly rule?: string | undefined
}

const ofQuestion = ({ machineId, rule }: AlertQuestion) => ({ machine: machineId ?? null, rule: rule ?? null })

/** The worst `limit` alerts, the worst first; `all`: also those that ended, were closed, or have another as cause. */
export const worstAlerts = (
  db: Db,
  question: AlertQuestion & {
    readonly severity?: string | undefined
    readonly all: boolean
    readonly limit: number
  },
): Promise<AlertRow[]> =>
  picture(db, 'alerts', AlertRow, {
    at: question.at,
    where: `${OF_QUESTION} AND ($severity IS NULL OR severity = $severity)${question.all ? '' : ` AND ${STANDS_ALONE}`}`,
    params: { ...ofQuestion(question), severity: question.severity ?? null },
    orderBy: `${WORST_FIRST} LIMIT ${Math.trunc(question.limit)}`,
  })

/** How many fire and stand for themselves, by severity. */
export const firingBySeverity = async (db: Db, question: AlertQuestion = {}): Promise<ReadonlyMap<string, number>> => {
  const rows = await overPicture<{ severity: string; n: number }>(
    db,
    'alerts',
    question.at,
    (from) =>
      `SELECT severity, count(*)::INTEGER AS n FROM ${from} WHERE status = 'firing' AND ${STANDS_ALONE} AND ${OF_QUESTION} GROUP BY severity`,
    ofQuestion(question),
  )
  return new Map(rows.map(({ severity, n }) => [severity, n]))
}

/** Of how many that have not ended an alert is the cause, by its id. */
export const alertsBehind = async (db: Db, { at }: At = {}): Promise<ReadonlyMap<string, number>> => {
  const rows = await overPicture<{ alert_id: string; n: number }>(
    db,
    'alerts',
    at,
    (from) => `SELECT suppressed_by AS alert_id, count(*)::INTEGER AS n FROM ${from}
     WHERE suppressed_by IS NOT NULL AND status <> 'resolved' GROUP BY suppressed_by`,
  )
  return new Map(rows.map(({ alert_id, n }) => [alert_id, n]))
}

/** Alerts whose id is this or begins so: the worst five, and how many there are. */
export const alertsCalled = async (
  db: Db,
  { id, at }: At & { readonly id: string },
): Promise<{ readonly worst: readonly AlertRow[]; readonly count: number }> => {
  const rows = await overPicture<AlertRow & { readonly found: number }>(
    db,
    'alerts',
    at,
    (from) => `SELECT ${names(Object.keys(AlertRow.shape))}, (count(*) OVER ())::INTEGER AS found FROM ${from}
     WHERE starts_with(alert_id, $id) ORDER BY alert_id <> $id, ${WORST_FIRST} LIMIT 5`,
    { id },
  )
  return { worst: rows.map(({ found: _, ...row }) => row), count: rows[0]?.found ?? 0 }
}

export interface AlertEventRow extends AlertRow {
  readonly event_at: string
}

/** What alerts went through, newest first; of these alone where some are named. */
export const alertEvents = (
  db: Db,
  question: {
    readonly since: Date
    readonly until?: Date | undefined
    readonly alertIds?: readonly string[]
    readonly limit?: number
  },
): Promise<AlertEventRow[]> => {
  const until = question.until ? `AND event_at <= ${time(question.until)}` : ''
  return db.rows<AlertEventRow>(
    `SELECT event_at, ${names(Object.keys(AlertRow.shape))} FROM ${withHeld(db, 'alert_events')}
     WHERE event_at >= ${time(question.since)} ${until}
       AND ($ids IS NULL OR alert_id IN (SELECT unnest(string_split($ids, chr(1)))))
     ORDER BY event_at DESC, alert_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
    { ids: question.alertIds?.join('\u0001') ?? null },
  )
}

/**
 * Turns of alerts, newest first: another status or severity, or one that came back. That somebody acknowledged, silenced or
 * closed it, or that another alert is its cause by now, is a row of its history, but nothing that begins or ends.
 */
export const alertTurns = (
  db: Db,
  question: { readonly since: Date; readonly until?: Date | undefined; readonly limit?: number },
): Promise<AlertEventRow[]> => {
  const span = `event_at >= ${time(question.since)}${question.until ? ` AND event_at <= ${time(question.until)}` : ''}`
  const turn = (column: string): string => `${column} IS DISTINCT FROM lag(${column}) OVER told`
  return db.rows<AlertEventRow>(
    `SELECT event_at, ${names(Object.keys(AlertRow.shape))} FROM (
       SELECT *, ${turn('status')} OR ${turn('severity')} OR ${turn('since')} AS turned
       FROM ${withHeld(db, 'alert_events')} SEMI JOIN (SELECT alert_id FROM ${withHeld(db, 'alert_events')} WHERE ${span}) USING (alert_id)
       WINDOW told AS (PARTITION BY alert_id ORDER BY event_at, rowid))
     WHERE ${span} AND turned
     ORDER BY event_at DESC, alert_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
  )
}

/** What one alert went through, newest first. */
export const alertHistory = (
  db: Db,
  question: { readonly since: Date; readonly until: Date; readonly alertId: string; readonly limit: number },
): Promise<AlertEventRow[]> =>
  db.rows<AlertEventRow>(
    `SELECT event_at, ${names(Object.keys(AlertRow.shape))} FROM ${withHeld(db, 'alert_events')}
     WHERE event_at BETWEEN ${time(question.since)} AND ${time(question.until)} AND alert_id = $alert
     ORDER BY event_at DESC LIMIT ${Math.trunc(question.limit)}`,
    { alert: question.alertId },
  )

/** Attempts to tell somebody, newest first. */
export const alertDeliveries = (
  db: Db,
  question: {
    readonly since: Date
    readonly until?: Date | undefined
    readonly alertId?: string | undefined
    readonly limit?: number
  },
): Promise<AlertDeliveryRow[]> => {
  const until = question.until ? `AND collected_at <= ${time(question.until)}` : ''
  return db.rows<AlertDeliveryRow>(
    `SELECT ${names(Object.keys(AlertDeliveryRow.shape))} FROM ${spanned(db, 'alert_deliveries', 'collected_at', question)}
     WHERE collected_at >= ${time(question.since)} ${until} AND ($alert IS NULL OR alert_id = $alert)
     ORDER BY collected_at DESC, delivery_id, attempt DESC LIMIT ${Math.trunc(question.limit ?? 1000)}`,
    { alert: question.alertId ?? null },
  )
}

/** Alerts that still stand, closed ones too, as they are in the store: what the evaluator continues from. */
export const standingAlerts = (db: Db): Promise<AlertRow[]> =>
  db.rows<AlertRow>(
    `SELECT ${names(Object.keys(AlertRow.shape))} FROM ${withHeld(db, 'alerts')} WHERE status <> 'resolved' ORDER BY alert_id`,
  )

/** Alerts that fired and ended since then and that nobody closed: somebody may still have to hear of their end. */
export const endedAlerts = (db: Db, since: Date): Promise<AlertRow[]> =>
  db.rows<AlertRow>(
    `SELECT ${names(Object.keys(AlertRow.shape))} FROM alerts
     WHERE status = 'resolved' AND resolved_at >= ${time(since)} AND fired_at IS NOT NULL AND closed_at IS NULL ORDER BY alert_id`,
  )

/** Alerts that ended while a person had silenced them: should one come back, it is still silenced. */
export const silencedAlerts = (db: Db, now: Date): Promise<AlertRow[]> =>
  db.rows<AlertRow>(
    `SELECT ${names(Object.keys(AlertRow.shape))} FROM alerts
     WHERE status = 'resolved' AND silenced_until > ${time(now)} ORDER BY alert_id`,
  )
