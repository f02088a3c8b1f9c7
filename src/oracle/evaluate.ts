import type { Finding, Rule, Severity } from './rule.ts'

export type AlertStatus = 'pending' | 'firing' | 'resolved'

/** An alert as the store keeps it. Times are epoch milliseconds. */
export interface Alert {
  readonly alertId: string
  readonly rule: string
  readonly machineId: string | null
  readonly subject: string
  readonly severity: Severity
  readonly status: AlertStatus
  readonly title: string
  readonly evidence: Readonly<Record<string, unknown>>
  readonly sinceMs: number
  readonly firedAtMs: number | null
  readonly resolvedAtMs: number | null
  /** When the rule last found it; what `clearMs` counts from. */
  readonly lastSeenMs: number
}

export const alertId = (rule: string, machineId: string | null, subject: string): string =>
  `${rule}:${machineId ?? '-'}:${subject}`

const opened = (rule: string, holdMs: number, finding: Finding, nowMs: number): Alert => ({
  alertId: alertId(rule, finding.machineId, finding.subject),
  rule,
  machineId: finding.machineId,
  subject: finding.subject,
  severity: finding.severity,
  status: holdMs === 0 ? 'firing' : 'pending',
  title: finding.title,
  evidence: finding.evidence,
  sinceMs: nowMs,
  firedAtMs: holdMs === 0 ? nowMs : null,
  resolvedAtMs: null,
  lastSeenMs: nowMs,
})

const standing = (alert: Alert, holdMs: number, finding: Finding, nowMs: number): Alert => {
  const fires = alert.status === 'pending' && nowMs - alert.sinceMs >= holdMs
  return {
    ...alert,
    severity: finding.severity,
    title: finding.title,
    evidence: finding.evidence,
    status: fires ? 'firing' : alert.status,
    firedAtMs: fires ? nowMs : alert.firedAtMs,
    lastSeenMs: nowMs,
  }
}

// A pending finding that goes away never was an alert; a firing one is resolved after its clear time.
const absent = (alert: Alert, clearMs: number, nowMs: number): Alert =>
  alert.status === 'pending' || nowMs - alert.lastSeenMs >= clearMs
    ? { ...alert, status: 'resolved', resolvedAtMs: nowMs }
    : alert

/**
 * One step of every rule over one picture: which alerts now stand, which changed. `known` are the unresolved alerts of the
 * same picture's machine; those of other rules are left alone.
 */
export const evaluate = <Picture>(
  rules: readonly Rule<Picture>[],
  picture: Picture,
  known: readonly Alert[],
  nowMs: number,
): readonly Alert[] =>
  rules.flatMap((rule) => {
    const mine = new Map(known.filter((alert) => alert.rule === rule.id).map((alert) => [alert.alertId, alert]))
    const found = rule.judge(picture).map((finding) => {
      const id = alertId(rule.id, finding.machineId, finding.subject)
      const before = mine.get(id)
      mine.delete(id)
      return before && before.status !== 'resolved'
        ? standing(before, rule.holdMs, finding, nowMs)
        : opened(rule.id, rule.holdMs, finding, nowMs)
    })
    const gone = [...mine.values()].map((alert) => absent(alert, rule.clearMs, nowMs))
    return [...found, ...gone]
  })
