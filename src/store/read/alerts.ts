import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import type { At } from './history.ts'
import { picture } from './history.ts'
import { AlertRow } from './rows/alerts.ts'

/** Alerts that are pending or firing and not closed, the worst first. */
export const activeAlerts = (db: Db, question: At = {}): Promise<AlertRow[]> =>
  picture(db, 'alerts', AlertRow, {
    ...question,
    where: "status <> 'resolved' AND closed_at IS NULL",
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
