import type { Row } from '../core/rows.ts'
import type { Alert } from '../oracle/evaluate.ts'
import type { Severity } from '../oracle/rule.ts'
import type { AlertRow } from '../store/index.ts'

/** An alert as it is stored. */
export type StoredAlert = AlertRow

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

/** An alert of the store, looked at last at `lookedMs`: what was before vc started counts for nothing. */
export const fromStored = (row: StoredAlert, lookedMs: number): Alert => ({
  alertId: row.alert_id,
  rule: row.rule,
  machineId: row.machine_id,
  subject: row.subject,
  severity: row.severity as Severity,
  status: row.status as Alert['status'],
  title: row.title,
  evidence: JSON.parse(row.evidence_json) as Record<string, unknown>,
  sinceMs: ms(row.since) ?? lookedMs,
  firedAtMs: ms(row.fired_at),
  resolvedAtMs: ms(row.resolved_at),
  ackedAtMs: ms(row.acked_at),
  silencedUntilMs: ms(row.silenced_until),
  closedAtMs: ms(row.closed_at),
  suppressedBy: row.suppressed_by,
  heldMs: row.held_ms ?? 0,
  goneMs: 0,
  lastLookMs: lookedMs,
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
  acked_at: date(alert.ackedAtMs),
  silenced_until: date(alert.silencedUntilMs),
  closed_at: date(alert.closedAtMs),
  held_ms: Math.round(alert.heldMs),
  suppressed_by: alert.suppressedBy,
})

/** Something that people act on differs; new numbers in the words alone do not count. */
export const turned = (before: Alert | undefined, after: Alert): boolean =>
  before === undefined ||
  before.status !== after.status ||
  before.severity !== after.severity ||
  before.ackedAtMs !== after.ackedAtMs ||
  before.silencedUntilMs !== after.silencedUntilMs ||
  before.closedAtMs !== after.closedAtMs ||
  before.suppressedBy !== after.suppressedBy ||
  before.sinceMs !== after.sinceMs

/** Words and held times are brought up to date at most this often: each write is a commit. */
const REFRESH_MS = 60_000

/** Whether it is worth a write: it turned, or its words or its hold are old news. */
export const worthWriting = (written: Alert | undefined, after: Alert): boolean => {
  if (turned(written, after)) return true
  if (written === undefined || after.lastLookMs - written.lastLookMs < REFRESH_MS) return false
  return written.title !== after.title || (after.status === 'pending' && written.heldMs !== after.heldMs)
}
