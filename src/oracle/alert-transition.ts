import type { Alert } from './evaluate.ts'
import { bySeverity } from './rule.ts'

/** What somebody may have to be told. */
export const TRANSITIONS = ['firing', 'worse', 'resolved', 'escalated', 'test'] as const
export type TransitionKind = (typeof TRANSITIONS)[number]

export interface Transition {
  readonly kind: TransitionKind
  readonly alert: Alert
  readonly atMs: number
}

/** A person closed it, or its cause speaks for it. */
const isQuiet = (alert: Alert): boolean => alert.closedAtMs !== null || alert.suppressedBy !== null

const isSilenced = (alert: Alert, nowMs: number): boolean => (alert.silencedUntilMs ?? 0) > nowMs

/** What the step from `before` to `after` means to people; null: nothing. What is silenced is told when that is over. */
export const transitionOf = (before: Alert | undefined, after: Alert, nowMs: number): Transition | null => {
  const told = before?.status === 'firing'
  if (after.status === 'resolved')
    return told && before.closedAtMs === null ? { kind: 'resolved', alert: after, atMs: nowMs } : null
  if (after.status !== 'firing' || isQuiet(after)) return null
  if (!told) return { kind: 'firing', alert: after, atMs: nowMs }
  return bySeverity(after.severity, before.severity) < 0 ? { kind: 'worse', alert: after, atMs: nowMs } : null
}

/** Firing alerts that nobody took up in time. */
export const overdue = (alerts: readonly Alert[], afterMs: number, nowMs: number): readonly Transition[] =>
  alerts
    .filter(
      (alert) =>
        alert.status === 'firing' &&
        alert.ackedAtMs === null &&
        alert.firedAtMs !== null &&
        !isQuiet(alert) &&
        !isSilenced(alert, nowMs) &&
        nowMs - alert.firedAtMs >= afterMs,
    )
    .map((alert) => ({ kind: 'escalated', alert, atMs: nowMs }))
