import type { ChannelConfig } from '../config/schema.ts'
import { mailBody, mailFailure } from '../oracle/alert-mail.ts'
import { type AlertMessage, alertLine, httpBody } from '../oracle/alert-message.ts'
import { desktopArgv, postHttp, runNotifier, type Told } from '../transport/notify.ts'
import { appendAlertLine } from '../transport/notify-file.ts'

const HTTP_MS = 10_000
const PROGRAM_MS = 20_000
/** Where Agent Mail listens unless it is told otherwise. */
const AGENT_MAIL_URL = 'http://127.0.0.1:8765/mcp/'

export interface SendPlaces {
  readonly env: NodeJS.ProcessEnv
  readonly platform: NodeJS.Platform
  /** `alerts.jsonl` in the data folder. */
  readonly alertsFile: string
}

const missing = (detail: string): Told => ({ ok: false, code: null, detail })

const overHttp = async (
  channel: ChannelConfig & { readonly kind: 'webhook' | 'slack' | 'discord' | 'ntfy' | 'agent_mail' },
  message: AlertMessage,
  { env }: SendPlaces,
): Promise<Told> => {
  const mail = channel.kind === 'agent_mail'
  const url = channel.url ?? (channel.url_env === null ? (mail ? AGENT_MAIL_URL : undefined) : env[channel.url_env])
  if (!url) return missing(`the daemon has no environment variable ${channel.url_env ?? 'with the address'}`)
  const token = channel.token_env === null ? undefined : env[channel.token_env]
  if (channel.token_env !== null && !token)
    return missing(`the daemon has no environment variable ${channel.token_env}`)
  const { contentType, headers, body } =
    channel.kind === 'agent_mail'
      ? mailBody(message, { project: channel.project ?? '', sender: channel.sender ?? '', to: channel.to })
      : httpBody(channel.kind, message)
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return postHttp({
    url,
    headers: { ...headers, ...authorization, 'content-type': contentType },
    body,
    timeoutMs: HTTP_MS,
    ...(mail ? { failure: mailFailure } : {}),
  })
}

/** One attempt over one channel. Never throws. */
export const sendAlert = async (channel: ChannelConfig, message: AlertMessage, places: SendPlaces): Promise<Told> => {
  const { kind } = channel
  switch (kind) {
    case 'command':
      return runNotifier(channel.command, `${JSON.stringify(message)}\n`, PROGRAM_MS)
    case 'desktop': {
      const words = {
        summary: `vc: ${message.rule}`,
        body: alertLine(message),
        urgent: message.severity === 'critical',
      }
      const argv = desktopArgv(places.platform, words)
      return argv === null ? missing('this platform has no desktop notification') : runNotifier(argv, '', PROGRAM_MS)
    }
    case 'jsonl':
      return appendAlertLine(channel.path ?? places.alertsFile, JSON.stringify(message))
    default:
      return overHttp({ ...channel, kind }, message, places)
  }
}
