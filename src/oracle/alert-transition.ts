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

const isMuted = (alert: Alert, nowMs: number): boolean =>
  alert.closedAtMs !== null || (alert.silencedUntilMs !== null && alert.silencedUntilMs > nowMs)

/** Its cause speaks for it. */
const isQuiet = (alert: Alert, nowMs: number): boolean => isMuted(alert, nowMs) || alert.suppressedBy !== null

/** What the step from `before` to `after` means to people; null: nothing. */
export const transitionOf = (before: Alert | undefined, after: Alert, nowMs: number): Transition | null => {
  const told = before?.status === 'firing'
  if (after.status === 'resolved')
    return told && !isMuted(before, nowMs) ? { kind: 'resolved', alert: after, atMs: nowMs } : null
  if (after.status !== 'firing' || isQuiet(after, nowMs)) return null
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
        !isQuiet(alert, nowMs) &&
        nowMs - alert.firedAtMs >= afterMs,
    )
    .map((alert) => ({ kind: 'escalated', alert, atMs: nowMs }))
