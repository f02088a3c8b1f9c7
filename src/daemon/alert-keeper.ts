import type { Row } from '../core/rows.ts'
import { type AlertAction, afterAction, alertNamed } from '../oracle/alert-action.ts'
import { type AlertQuestion, judgeAll } from '../oracle/alert-judge.ts'
import { type Transition, transitionOf } from '../oracle/alert-transition.ts'
import type { Alert } from '../oracle/evaluate.ts'
import type { StoredAlert } from './alert-rows.ts'
import { fromStored, toRow, turned, worthWriting } from './alert-rows.ts'

/** What one look changed: rows to write, and what people may have to be told. */
export interface AlertNews {
  readonly rows: readonly Row[]
  readonly transitions: readonly Transition[]
}

/** All alerts that stand, in memory: the store holds what is worth a write, this holds the times between. */
export interface AlertKeeper {
  standing(): readonly Alert[]
  judge(question: Omit<AlertQuestion, 'known'>): AlertNews
  /** Another part of vc judged these itself. */
  take(alerts: readonly Alert[], nowMs: number): AlertNews
  act(action: AlertAction, nowMs: number): { readonly alert: Alert; readonly row: Row }
  /** The rows of the last looks were not stored: they are handed out again. */
  notStored(rows: readonly Row[]): void
}

/** `stored`: what stands, and what ended while it was silenced. */
export const openAlertKeeper = (stored: readonly StoredAlert[], nowMs: number): AlertKeeper => {
  const alerts = new Map(
    stored.filter((row) => row.status !== 'resolved').map((row) => [row.alert_id, fromStored(row, nowMs)]),
  )
  // Nobody knows how old their words are: one look is all that `vc collect` has to bring them up to date.
  const written = new Map([...alerts].map(([id, alert]) => [id, { ...alert, lastLookMs: Number.NEGATIVE_INFINITY }]))
  /** Resolved and not stored yet. */
  const unwritten = new Map<string, Row>()
  /** Until when alerts that ended are silenced: one that comes and goes stays silent for as long as a person said. */
  const silences = new Map(
    stored
      .filter((row) => row.status === 'resolved' && row.silenced_until !== null)
      .map((row) => [row.alert_id, Date.parse(row.silenced_until ?? '')]),
  )
  const stillSilent = (alert: Alert, atMs: number): Alert => {
    const untilMs = alerts.has(alert.alertId) ? 0 : (silences.get(alert.alertId) ?? 0)
    return untilMs > atMs && alert.status !== 'resolved' ? { ...alert, silencedUntilMs: untilMs } : alert
  }
  const keepSilences = (after: readonly Alert[], atMs: number): void => {
    for (const [id, untilMs] of silences) if (untilMs <= atMs || alerts.has(id)) silences.delete(id)
    for (const { status, alertId, silencedUntilMs } of after)
      if (status === 'resolved' && silencedUntilMs !== null) silences.set(alertId, silencedUntilMs)
  }

  const take = (judged: readonly Alert[], atMs: number): AlertNews => {
    const after = silences.size === 0 ? judged : judged.map((alert) => stillSilent(alert, atMs))
    const transitions = after
      .map((alert) => transitionOf(alerts.get(alert.alertId), alert, atMs))
      .filter((one) => one !== null)
    const changed = after.filter((alert) => {
      const before = written.get(alert.alertId)
      // Seen and gone again before it was ever stored.
      if (before === undefined && alert.status === 'resolved' && !alerts.has(alert.alertId)) return false
      return worthWriting(before, alert)
    })
    for (const alert of after) {
      if (alert.status === 'resolved') alerts.delete(alert.alertId)
      else alerts.set(alert.alertId, alert)
    }
    for (const alert of changed) {
      if (alert.status === 'resolved') written.delete(alert.alertId)
      else written.set(alert.alertId, alert)
    }
    keepSilences(after, atMs)
    const rows = changed.map(toRow)
    for (const row of rows) unwritten.delete(String(row.alert_id))
    const late = [...unwritten.values()]
    unwritten.clear()
    return { rows: [...late, ...rows], transitions }
  }
  return {
    standing: () => [...alerts.values()],
    judge: (question) => take(judgeAll({ ...question, known: [...alerts.values()] }), question.nowMs),
    take,
    act(action, atMs) {
      const before = alertNamed([...alerts.values()], action.alert)
      const alert = afterAction(before, action, atMs)
      alerts.set(alert.alertId, alert)
      if (turned(before, alert)) written.set(alert.alertId, alert)
      return { alert, row: toRow(alert) }
    },
    notStored(rows) {
      for (const row of rows) {
        const id = String(row.alert_id)
        written.delete(id)
        if (row.status === 'resolved' && !alerts.has(id)) unwritten.set(id, row)
      }
    },
  }
}
