import { usageError } from '../core/errors.ts'
import type { Alert } from './evaluate.ts'

/** What a person can change of an alert. */
export type AlertMarks = Pick<Alert, 'ackedAtMs' | 'silencedUntilMs' | 'closedAtMs'>

/** What a person does to an alert. */
export const ALERT_ACTIONS = ['ack', 'silence', 'close'] as const
export interface AlertAction {
  readonly action: (typeof ALERT_ACTIONS)[number]
  /** Whole id, or the start of exactly one. */
  readonly alert: string
  /** For `silence`; 0 ends it. */
  readonly minutes: number | null
}

const MAX_MINUTES = 30 * 24 * 60

/** An action as it came over a socket or a command line. Throws a usage error. */
export const checkedAction = (given: Readonly<Record<string, unknown>>): AlertAction => {
  const { action, alert, minutes } = given
  const found = ALERT_ACTIONS.find((name) => name === action)
  if (found === undefined || typeof alert !== 'string' || alert === '' || alert.length > 600)
    throw usageError('bad_alert_action', 'no alert was named, or nothing to do with it', 'vc alert ack <alert>')
  if (found !== 'silence') return { action: found, alert, minutes: null }
  if (typeof minutes !== 'number' || !Number.isInteger(minutes) || minutes < 0 || minutes > MAX_MINUTES)
    throw usageError(
      'bad_silence',
      `an alert is silenced for 0 to ${MAX_MINUTES} minutes`,
      'vc alert silence <alert> --for 2h',
    )
  return { action: found, alert, minutes }
}

/** The alert after it. A closed one stays closed until its finding has gone; a new finding is a new alert. */
export const afterAction = <One extends AlertMarks>(
  alert: One,
  { action, minutes }: AlertAction,
  nowMs: number,
): One => {
  switch (action) {
    case 'ack':
      return { ...alert, ackedAtMs: alert.ackedAtMs ?? nowMs }
    case 'silence':
      return { ...alert, silencedUntilMs: minutes ? nowMs + minutes * 60_000 : null }
    case 'close':
      return { ...alert, closedAtMs: alert.closedAtMs ?? nowMs }
  }
}

/** The one alert meant by a whole id or its start. Throws a usage error naming what fits. */
export const alertNamed = <One extends { readonly alertId: string }>(alerts: readonly One[], name: string): One => {
  const whole = alerts.find((alert) => alert.alertId === name)
  if (whole !== undefined) return whole
  const fitting = alerts.filter((alert) => alert.alertId.startsWith(name))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const shown = fitting.slice(0, 5).map((alert) => alert.alertId)
  throw fitting.length === 0
    ? usageError('unknown_alert', `no alert that stands is called '${name.slice(0, 120)}'`, 'vc alert list')
    : usageError(
        'ambiguous_alert',
        `'${name.slice(0, 120)}' fits ${fitting.length} alerts`,
        `name one: ${shown.join(', ')}`,
      )
}
