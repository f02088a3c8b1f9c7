import type { RunClass } from '../../core/executor.ts'
import { displayText } from '../../core/text.ts'

/** Why no connection came about, or why one was lost. */
export interface WayFailure {
  readonly class: RunClass
  readonly detail: string
  /** The server speaks only what ssh2 does not (post-quantum key exchange, odd ciphers): the ssh binary may. */
  readonly beyondSsh2?: boolean
}

export const failure = (runClass: RunClass, detail: string): WayFailure => ({
  class: runClass,
  detail: displayText(detail, 300),
})

const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'EPERM', 'EADDRNOTAVAIL'])
const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME', 'EAI_FAIL'])

/** Failure of the TCP connect. */
export const socketFailure = (error: Error): WayFailure => {
  const code = String((error as NodeJS.ErrnoException).code ?? '')
  if (DNS.has(code)) return failure('dns', error.message)
  if (REFUSED.has(code)) return failure('refused', error.message)
  if (code === 'ETIMEDOUT') return failure('connect_timeout', error.message)
  return failure('connection_lost', error.message || code || 'connection failed')
}

/** Failure reported by ssh2 during the handshake or login. */
export const handshakeFailure = (error: Error & { level?: string }): WayFailure => {
  if (error.level === 'client-authentication' || /authentication failures/i.test(error.message))
    return failure('auth', error.message)
  if (error.level === 'client-timeout') return failure('connect_timeout', error.message)
  if (error.level === 'client-socket') return socketFailure(error)
  if (/no matching/i.test(error.message)) return { ...failure('transport', error.message), beyondSsh2: true }
  if (/Connection lost before handshake/i.test(error.message)) return failure('connection_lost', error.message)
  return failure('transport', error.message)
}

const SSH_WORDS: readonly (readonly [RegExp, RunClass])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed|REVOKED HOST KEY|revoked by file/i,
    'host_key_changed',
  ],
  [/No .* host key is known for|Host key verification failed/i, 'host_key_unknown'],
  [/Permission denied|Too many authentication failures|No supported authentication methods/i, 'auth'],
  [/Could not resolve hostname|Name or service not known|Temporary failure in name resolution/i, 'dns'],
  [
    /Connection refused|No route to host|Network is unreachable|open failed: (connect failed|administratively)/i,
    'refused',
  ],
  [/timed out|Timeout, server/i, 'connect_timeout'],
  [/Connection (reset|closed)|Broken pipe|closed by remote host|kex_exchange_identification/i, 'connection_lost'],
]

const tellingLine = (lines: readonly string[], pattern: RegExp): string =>
  lines.find((line) => pattern.test(line)) ?? lines.at(-1) ?? ''

/** A host certificate that ssh does not accept leaves it with a bare key, and with words about that one alone. */
const certificateWords = (stderr: string): string => {
  const why = /^Certificate invalid: (.+?)\r?$/m.exec(stderr)?.[1]
  return why === undefined ? '' : `its host certificate is not accepted (${why}), have it signed anew; `
}

/** What the ssh binary's own words (LogLevel ERROR) say about a connection that did not come about. */
export const sshWordsFailure = (stderr: string): WayFailure => {
  const lines = stderr
    .split(/\r?\n/)
    .map((l) => l.trim())
    .filter((l) => l !== '' && !/^@+$/.test(l))
  for (const [pattern, runClass] of SSH_WORDS)
    if (pattern.test(stderr)) {
      const line = tellingLine(lines, pattern).replace(/^@\s*|\s*@$/g, '')
      return failure(runClass, runClass === 'host_key_unknown' ? `${certificateWords(stderr)}${line}` : line)
    }
  return failure('transport', lines.at(-1) ?? 'ssh ended without a word')
}
