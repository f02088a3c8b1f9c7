import { type AlertMessage, alertLine, type HttpBody } from './alert-message.ts'

/** To whom Agent Mail carries an alert: names of agents registered in one of its projects. */
export interface MailAddress {
  readonly project: string
  readonly sender: string
  readonly to: readonly string[]
}

const IMPORTANCE = { critical: 'urgent', warning: 'high', info: 'normal' } as const

const shownEvidence = (evidence: AlertMessage['evidence']): string =>
  Object.entries(evidence)
    .map(([name, value]) => `- ${name}: ${JSON.stringify(value)}`)
    .join('\n')

/** One `send_message` as Agent Mail's MCP endpoint takes it. What the alert says stays in the body, fenced from headings by its list. */
export const mailBody = (message: AlertMessage, { project, sender, to }: MailAddress): HttpBody => {
  const line = alertLine(message)
  const call = {
    project_key: project,
    sender_name: sender,
    to,
    subject: `vc: ${line}`.slice(0, 200),
    body_md: `${line}\n\nMachine: ${message.machine ?? 'none'}\nRule: ${message.rule}\nSince: ${message.since}\n\n${shownEvidence(message.evidence)}`,
    importance: message.transition === 'resolved' ? 'normal' : IMPORTANCE[message.severity],
    thread_id: `vc-${message.alert_id.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 100)}`,
  }
  return {
    contentType: 'application/json',
    headers: { accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: message.alert_id,
      method: 'tools/call',
      params: { name: 'send_message', arguments: call },
    }),
  }
}

/** Why an answer of the endpoint is no delivery; null when it is one. It answers 200 to refusals, too. */
export const mailFailure = (answer: string): string | null => {
  // A server that streams puts the same object behind `data:`.
  const text = /^data:\s*(.+)$/m.exec(answer)?.[1] ?? answer
  try {
    const reply = JSON.parse(text) as { result?: { isError?: unknown }; error?: { code?: unknown } } | null
    if (reply?.error !== undefined) return `Agent Mail refused the message (${Number(reply.error.code) || 'error'})`
    if (reply?.result === undefined) return 'Agent Mail gave no result'
    return reply.result.isError === true
      ? 'Agent Mail did not take the message: are project, sender and recipients registered there?'
      : null
  } catch {
    return 'the answer is not that of Agent Mail'
  }
}
