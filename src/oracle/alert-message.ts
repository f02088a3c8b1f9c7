import { displayText } from '../core/text.ts'
import type { Transition, TransitionKind } from './alert-transition.ts'
import { type Alert, endedBecause, opened } from './evaluate.ts'
import type { Severity } from './rule.ts'

/** One alert as every channel, `alerts.jsonl` and commands get it. Times are RFC 3339. */
export interface AlertMessage {
  readonly schema: 'vc.alert.v1'
  readonly transition: TransitionKind
  readonly at: string
  readonly alert_id: string
  readonly rule: string
  readonly machine: string | null
  readonly subject: string
  readonly severity: Severity
  readonly status: string
  readonly title: string
  readonly evidence: Readonly<Record<string, unknown>>
  readonly since: string
  readonly fired_at: string | null
  readonly resolved_at: string | null
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export const alertMessage = ({ kind, alert, atMs }: Transition): AlertMessage => ({
  schema: 'vc.alert.v1',
  transition: kind,
  at: new Date(atMs).toISOString(),
  alert_id: displayText(alert.alertId, 600),
  rule: alert.rule,
  machine: alert.machineId,
  subject: displayText(alert.subject),
  severity: alert.severity,
  status: alert.status,
  title: displayText(alert.title, 500),
  evidence: alert.evidence,
  since: new Date(alert.sinceMs).toISOString(),
  fired_at: iso(alert.firedAtMs),
  resolved_at: iso(alert.resolvedAtMs),
})

const LEAD: Readonly<Record<TransitionKind, (severity: Severity) => string>> = {
  firing: (severity) => severity.toUpperCase(),
  worse: (severity) => `now ${severity.toUpperCase()}`,
  resolved: () => 'resolved',
  escalated: (severity) => `nobody acknowledged, ${severity.toUpperCase()}`,
  test: () => 'test',
}

/** `CRITICAL: atlas is unreachable: connection refused`. */
export const alertLine = ({ transition, severity, title, status, evidence }: AlertMessage): string => {
  const because = endedBecause({ status, evidence })
  return because === null ? `${LEAD[transition](severity)}: ${title}` : `not judged any more: ${title} (${because})`
}

/** What is sent over HTTP. Nothing an alert says ever becomes part of an address or of a header. */
export interface HttpBody {
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const slackText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const NTFY: Readonly<Record<Severity, string>> = { critical: '5', warning: '4', info: '3' }

const json = (value: unknown): HttpBody => ({
  contentType: 'application/json',
  headers: {},
  body: JSON.stringify(value),
})

/** The body each kind of address understands. */
export const httpBody = (kind: 'webhook' | 'slack' | 'discord' | 'ntfy', message: AlertMessage): HttpBody => {
  const line = alertLine(message)
  switch (kind) {
    case 'webhook':
      return json(message)
    case 'slack':
      return json({ text: slackText(`vc: ${line}`) })
    case 'discord':
      // Nobody is called by what a machine says.
      return json({ content: `vc: ${line}`.slice(0, 1900), allowed_mentions: { parse: [] } })
    case 'ntfy':
      return {
        contentType: 'text/plain; charset=utf-8',
        headers: { title: 'vc', priority: message.transition === 'resolved' ? '2' : NTFY[message.severity] },
        body: line,
      }
  }
}

const TEST_TITLE = 'this is a test of vc; nothing is wrong'

/** An alert that was made up to see whether a channel works. */
export const testAlert = (nowMs: number): Alert =>
  opened('test', 0, { machineId: null, subject: 'test', severity: 'info', title: TEST_TITLE, evidence: {} }, nowMs)
