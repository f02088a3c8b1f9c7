import { inClockSpan, readClockSpan } from '../core/clock-span.ts'
import type { Transition } from './alert-transition.ts'
import type { Alert } from './evaluate.ts'
import { bySeverity, type Severity } from './rule.ts'

/** What a channel wants to hear. */
export interface ChannelWants {
  readonly name: string
  readonly enabled: boolean
  readonly min_severity: Severity
  readonly rules: readonly string[]
  readonly machines: readonly string[]
  readonly tags: readonly string[]
  readonly resolved: boolean
  readonly only_escalated: boolean
  readonly quiet_hours: string | null
}

const among = (list: readonly string[], value: string | null): boolean =>
  list.length === 0 || (value !== null && list.includes(value))

/** Whether this channel is told of it at all. `tags`: of the alert's machine. */
export const wants = (channel: ChannelWants, { kind, alert }: Transition, tags: readonly string[]): boolean => {
  if (!channel.enabled) return false
  if (kind === 'test') return true
  // Who heard that it was critical hears of its end, however mild it had become; who never heard of it is asked later.
  if (kind !== 'resolved' && bySeverity(alert.severity, channel.min_severity) > 0) return false
  if (kind === 'resolved' && !channel.resolved) return false
  if (channel.only_escalated && (kind === 'firing' || kind === 'worse')) return false
  if (!among(channel.rules, alert.rule) || !among(channel.machines, alert.machineId)) return false
  return channel.tags.length === 0 || channel.tags.some((tag) => tags.includes(tag))
}

/** Whether it has to wait now: not critical, and a quiet hour. `minute`: of the local day, 0-1439. */
export const mustWait = (quietHours: string | null, transition: Transition, minute: number): boolean => {
  if (transition.kind === 'test' || transition.alert.severity === 'critical') return false
  const span = quietHours === null ? null : readClockSpan(quietHours)
  return span !== null && inClockSpan(span, minute)
}

/** What decides whether a turn that waited is still worth telling. */
export interface Circumstances {
  readonly quietHours: string | null
  readonly nowMs: number
  /** Of the local day, 0-1439. */
  readonly minute: number
  /** Whether the channel heard of this alert before. */
  readonly arrived: () => boolean
}

// What fired is told as it stands now; what became milder meanwhile is no worse to anybody who knows of it.
const asItStands = (transition: Transition, now: Alert, arrived: () => boolean): Transition | null => {
  const { kind, alert } = transition
  if (kind !== 'worse') return { ...transition, alert: now }
  if (bySeverity(now.severity, alert.severity) <= 0) return transition
  return arrived() ? null : { ...transition, kind: 'firing', alert: now }
}

/**
 * What becomes of a turn that waited, for a quiet hour, a silence or another try: told (as it is now), kept, or dropped,
 * because the alert has ended, was closed, or was taken up meanwhile. `standing`: every alert that stands, by id.
 */
export const fateOf = (
  transition: Transition,
  standing: ReadonlyMap<string, Alert>,
  { quietHours, nowMs, minute, arrived }: Circumstances,
): Transition | 'wait' | 'drop' => {
  const { kind, alert } = transition
  const silenced = (one: Alert): boolean => (one.silencedUntilMs ?? 0) > nowMs
  if (kind === 'resolved') {
    if (!arrived()) return 'drop'
    return silenced(alert) || mustWait(quietHours, transition, minute) ? 'wait' : transition
  }
  const now = standing.get(alert.alertId)
  if (now === undefined || now.firedAtMs !== alert.firedAtMs || now.closedAtMs !== null) return 'drop'
  if (kind === 'escalated' && now.ackedAtMs !== null) return 'drop'
  if (silenced(now) || now.suppressedBy !== null) return 'wait'
  const told = asItStands(transition, now, arrived)
  return told === null ? 'drop' : mustWait(quietHours, told, minute) ? 'wait' : told
}

const FIRST_MS = 5_000
const LONGEST_MS = 15 * 60_000
/** Tries of one delivery; with the waits between them about an hour. */
export const MAX_ATTEMPTS = 8

/** The wait before the next try, or null when it is given up. */
export const waitAfter = (attempt: number): number | null =>
  attempt >= MAX_ATTEMPTS ? null : Math.min(LONGEST_MS, FIRST_MS * 3 ** (attempt - 1))
