import type { Row } from '../core/rows.ts'
import { type Alert, evaluate } from '../oracle/evaluate.ts'
import type { MachineView } from '../oracle/fleet-picture.ts'
import type { Severity } from '../oracle/rule.ts'
import { machineRules } from '../oracle/rules/index.ts'

/** An alert as it is stored. */
export interface StoredAlert {
  readonly alert_id: string
  readonly rule: string
  readonly machine_id: string | null
  readonly subject: string
  readonly severity: string
  readonly status: string
  readonly title: string
  readonly evidence_json: string
  readonly since: string
  readonly fired_at: string | null
  readonly resolved_at: string | null
}

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

export const fromStored = (row: StoredAlert, lastSeenMs: number): Alert => ({
  alertId: row.alert_id,
  rule: row.rule,
  machineId: row.machine_id,
  subject: row.subject,
  severity: row.severity as Severity,
  status: row.status as Alert['status'],
  title: row.title,
  evidence: JSON.parse(row.evidence_json) as Record<string, unknown>,
  sinceMs: ms(row.since) ?? lastSeenMs,
  firedAtMs: ms(row.fired_at),
  resolvedAtMs: ms(row.resolved_at),
  lastSeenMs,
})

const date = (at: number | null): Date | null => (at === null ? null : new Date(at))

export const toRow = (alert: Alert): Row => ({
  alert_id: alert.alertId,
  rule: alert.rule,
  machine_id: alert.machineId,
  subject: alert.subject,
  severity: alert.severity,
  status: alert.status,
  title: alert.title,
  evidence_json: JSON.stringify(alert.evidence),
  since: new Date(alert.sinceMs),
  fired_at: date(alert.firedAtMs),
  resolved_at: date(alert.resolvedAtMs),
})

export const changed = (before: StoredAlert | undefined, alert: Alert): boolean =>
  before === undefined ||
  before.status !== alert.status ||
  before.severity !== alert.severity ||
  before.title !== alert.title

/** When each standing alert was last found; only the clear time of a rule needs it. */
export type LastSeen = Map<string, number>

/** Alerts of all machines that are looked at, as rows to write: only those that changed. */
export const judgeAlerts = (
  views: readonly MachineView[],
  stored: readonly StoredAlert[],
  lastSeen: LastSeen,
  now: Date,
): readonly Row[] => {
  const nowMs = now.getTime()
  const open = new Map(stored.filter((row) => row.status !== 'resolved').map((row) => [row.alert_id, row]))
  const watched = new Set(views.map((view) => view.machineId))
  // Nobody will look again at a machine that was disabled or removed: its alerts must not stand for ever.
  const left = [...open.values()].filter((row) => row.machine_id !== null && !watched.has(row.machine_id))
  const ended = left.map((row) => {
    lastSeen.delete(row.alert_id)
    return toRow({ ...fromStored(row, nowMs), status: 'resolved', resolvedAtMs: nowMs })
  })
  const judged = views.flatMap((view) => {
    const known = [...open.values()]
      .filter((row) => row.machine_id === view.machineId)
      .map((row) => fromStored(row, lastSeen.get(row.alert_id) ?? nowMs))
    const after = evaluate(machineRules, view, known, nowMs)
    for (const alert of after) {
      if (alert.status === 'resolved') lastSeen.delete(alert.alertId)
      else lastSeen.set(alert.alertId, alert.lastSeenMs)
    }
    return after.filter((alert) => changed(open.get(alert.alertId), alert)).map(toRow)
  })
  return [...ended, ...judged]
}
