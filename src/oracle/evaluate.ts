import { bySeverity, type Finding, type Rule, type Severity } from './rule.ts'

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
  readonly ackedAtMs: number | null
  readonly silencedUntilMs: number | null
  readonly closedAtMs: number | null
  /** Id of the alert that is its cause; null: it stands for itself. */
  readonly suppressedBy: string | null
  /** How long the finding was seen standing, gaps in looking left out. */
  readonly heldMs: number
  /** How long it was seen gone. */
  readonly goneMs: number
  /** When somebody last looked. */
  readonly lastLookMs: number
}

export const alertId = (rule: string, machineId: string | null, subject: string): string =>
  `${rule}:${machineId ?? '-'}:${subject}`

/**
 * The most that one look may add to a hold or a clear time. Looks are seconds apart; a longer gap is a restart, a sleep
 * or a clock that was set, and proves nothing about the time between.
 */
export const LONGEST_STEP_MS = 60_000

const stepOf = (alert: Alert, nowMs: number): number => Math.min(LONGEST_STEP_MS, Math.max(0, nowMs - alert.lastLookMs))

/** The alert of a finding that was seen for the first time. */
export const opened = (rule: string, holdMs: number, finding: Finding, nowMs: number): Alert => ({
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
  ackedAtMs: null,
  silencedUntilMs: null,
  closedAtMs: null,
  suppressedBy: null,
  heldMs: 0,
  goneMs: 0,
  lastLookMs: nowMs,
})

const standing = (alert: Alert, holdMs: number, finding: Finding, nowMs: number): Alert => {
  const heldMs = alert.heldMs + stepOf(alert, nowMs)
  const fires = alert.status === 'pending' && heldMs >= holdMs
  // Who acknowledged a warning has not yet heard that it became critical.
  const worse = bySeverity(finding.severity, alert.severity) < 0
  return {
    ...alert,
    severity: finding.severity,
    title: finding.title,
    evidence: finding.evidence,
    status: fires ? 'firing' : alert.status,
    firedAtMs: fires ? nowMs : alert.firedAtMs,
    ackedAtMs: worse ? null : alert.ackedAtMs,
    suppressedBy: null,
    heldMs,
    goneMs: 0,
    lastLookMs: nowMs,
  }
}

/** `because`: nobody saw its cause gone, it is only not judged any more. */
export const resolved = (alert: Alert, nowMs: number, because: string | null = null): Alert => ({
  ...alert,
  ...(because === null ? {} : { evidence: { ...alert.evidence, ended_because: because } }),
  status: 'resolved',
  resolvedAtMs: nowMs,
  suppressedBy: null,
  lastLookMs: nowMs,
})

// A pending finding that goes away never was an alert; a firing one is resolved after its clear time.
const absent = (alert: Alert, clearMs: number, nowMs: number): Alert => {
  const goneMs = alert.goneMs + stepOf(alert, nowMs)
  return alert.status === 'pending' || goneMs >= clearMs
    ? resolved(alert, nowMs)
    : { ...alert, goneMs, suppressedBy: null, lastLookMs: nowMs }
}

/** Why an alert ended although nobody saw its cause gone; null: that was seen, or it did not end. */
export const endedBecause = (alert: Pick<Alert, 'evidence'> & { readonly status: string }): string | null => {
  const { ended_because: because } = alert.evidence
  return alert.status === 'resolved' && typeof because === 'string' ? because : null
}

/** Nobody can know now: it stays what it was, and the time does not count. `cause`: the alert that says why. */
export const frozen = (alert: Alert, nowMs: number, cause: string | null = null): Alert => ({
  ...alert,
  suppressedBy: cause,
  lastLookMs: nowMs,
})

const isFiring = (alert: Alert): boolean => alert.status === 'firing'

/** One finding per alert: the worst where a rule, or a machine that is listed twice, says it twice. */
const once = (rule: string, findings: readonly Finding[]): readonly Finding[] => {
  const kept = new Map<string, Finding>()
  for (const finding of findings) {
    const id = alertId(rule, finding.machineId, finding.subject)
    const before = kept.get(id)
    if (before === undefined || bySeverity(finding.severity, before.severity) < 0) kept.set(id, finding)
  }
  return [...kept.values()]
}

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
    const open = known.filter((alert) => alert.rule === rule.id && alert.status !== 'resolved')
    const firing = open.length > 0 ? new Set(open.filter(isFiring).map((alert) => alert.subject)) : null
    const findings = rule.judge(picture, (subject) => firing?.has(subject) ?? false)
    if (findings === null) return open.map((alert) => frozen(alert, nowMs))
    // Nearly every rule of nearly every machine, at every look.
    if (open.length + findings.length === 0) return []
    const mine = new Map(open.map((alert) => [alert.alertId, alert]))
    const found = once(rule.id, findings).map((finding) => {
      const id = alertId(rule.id, finding.machineId, finding.subject)
      const before = mine.get(id)
      mine.delete(id)
      const holdMs = finding.holdMs ?? rule.holdMs
      return before ? standing(before, holdMs, finding, nowMs) : opened(rule.id, holdMs, finding, nowMs)
    })
    const gone = [...mine.values()].map((alert) => absent(alert, rule.clearMs, nowMs))
    return [...found, ...gone]
  })
