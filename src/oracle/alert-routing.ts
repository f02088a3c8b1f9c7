import { inClockSpan, readClockSpan } from '../core/clock-span.ts'
import type { Transition } from './alert-transition.ts'
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
  if (bySeverity(alert.severity, channel.min_severity) > 0) return false
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

const FIRST_MS = 5_000
const LONGEST_MS = 15 * 60_000
/** Tries of one delivery; with the waits between them about an hour. */
export const MAX_ATTEMPTS = 8

/** The wait before the next try, or null when it is given up. */
export const waitAfter = (attempt: number): number | null =>
  attempt >= MAX_ATTEMPTS ? null : Math.min(LONGEST_MS, FIRST_MS * 3 ** (attempt - 1))
