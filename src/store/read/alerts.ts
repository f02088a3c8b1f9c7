import { spanned } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import type { At } from './history.ts'
import { picture } from './history.ts'
import { AlertDeliveryRow, AlertRow } from './rows/alerts.ts'

/** Alerts that are pending or firing, not closed and not the consequence of another one; the worst first. */
export const activeAlerts = (db: Db, question: At = {}): Promise<AlertRow[]> =>
  picture(db, 'alerts', AlertRow, {
    ...question,
    where: "status <> 'resolved' AND closed_at IS NULL AND suppressed_by IS NULL",
    orderBy: "CASE severity WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, since, alert_id",
  })

/** Every alert, resolved ones too: what the evaluator continues from. */
export const allAlerts = (db: Db, question: At = {}): Promise<AlertRow[]> =>
  picture(db, 'alerts', AlertRow, { ...question, orderBy: 'since, alert_id' })

export interface AlertEventRow extends AlertRow {
  readonly event_at: string
}

/** What alerts went through, newest first. */
export const alertEvents = (
  db: Db,
  question: { readonly since: Date; readonly until?: Date | undefined; readonly limit?: number },
): Promise<AlertEventRow[]> => {
  const until = question.until ? `AND event_at <= ${time(question.until)}` : ''
  return db.rows<AlertEventRow>(
    `SELECT event_at, ${names(Object.keys(AlertRow.shape))} FROM alert_events
     WHERE event_at >= ${time(question.since)} ${until}
     ORDER BY event_at DESC, alert_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
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
       FROM alert_events SEMI JOIN (SELECT alert_id FROM alert_events WHERE ${span}) USING (alert_id)
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
    `SELECT event_at, ${names(Object.keys(AlertRow.shape))} FROM alert_events
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
    `SELECT ${names(Object.keys(AlertRow.shape))} FROM alerts WHERE status <> 'resolved' ORDER BY alert_id`,
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
