import { type Stats, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { EXIT, type ExitCode, usageError, VcError } from '../core/errors.ts'
import { foreignWriter } from '../core/foreign-writer.ts'
import { patience } from '../core/patience.ts'
import { requestOf } from './node-http.ts'

/** Nobody answers on the socket: no daemon, or a dead one's leavings. Callers fall back; it is not shown to people. */
export class NoDaemon extends Error {
  readonly why: 'absent' | 'refused' | 'silent' | 'denied'
  constructor(why: NoDaemon['why'], path: string) {
    super(`no daemon answers on ${path} (${why})`)
    this.name = 'NoDaemon'
    this.why = why
  }
}

export interface SocketRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
  /** For the first byte of the answer; streams go on as long as they like. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const DEFAULT_MS = 30_000

const WHY: Record<string, NoDaemon['why']> = {
  ENOENT: 'absent',
  ECONNREFUSED: 'refused',
  // Somebody listens but takes nobody in any more: the queue of a frozen daemon is full.
  EAGAIN: 'silent',
  EACCES: 'denied',
  EPERM: 'denied',
  EPIPE: 'silent',
  ECONNRESET: 'silent',
}

// What cannot be looked at, the connection itself has a word for.
const statOf = (dir: string): Stats | undefined => {
  try {
    return statSync(dir)
  } catch {
    return undefined
  }
}

/**
 * Where a home is too deep for a socket it lies below the shared folder for temporary files, under a name that everybody can work
 * out: whoever was quicker there could answer for the daemon, and read what is sent to it.
 */
const refuseForeign = (socketPath: string): void => {
  const dir = dirname(socketPath)
  const found = statOf(dir)
  const me = process.getuid?.()
  if (found === undefined || me === undefined) return
  const foreign = foreignWriter(found, me)
  if (foreign === null) return
  throw usageError(
    'unsafe_directory',
    `${dir} ${foreign.says}: what answers there may be no daemon of yours`,
    foreign.by === 'mode'
      ? `look what is in it, then: chmod 700 ${dir}`
      : 'name another place: XDG_STATE_HOME or TMPDIR',
  )
}

/** Opens one request on the daemon's socket; a stale socket or a half-dead daemon shows within the timeout. */
export const openRequest = (socketPath: string, req: SocketRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    refuseForeign(socketPath)
    const body = req.body === undefined ? undefined : JSON.stringify(req.body)
    const message = requestOf('http:')({
      socketPath,
      path: req.path,
      method: req.method,
      headers: {
        host: 'vc',
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      ...(req.signal ? { signal: req.signal } : {}),
    })
    const waiting = patience(req.timeoutMs ?? DEFAULT_MS, () => message.destroy(new NoDaemon('silent', socketPath)))
    message.on('response', (response) => {
      waiting.stop()
      resolve(response)
    })
    message.on('error', (error: NodeJS.ErrnoException) => {
      waiting.stop()
      const why = WHY[error.code ?? '']
      reject(why ? new NoDaemon(why, socketPath) : error)
    })
    message.end(body)
  })

const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

interface ErrorBody {
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly fix: string
    readonly exit_code: ExitCode
  }
}

const asError = (text: string): VcError => {
  try {
    const { error } = JSON.parse(text) as ErrorBody
    if (error) return new VcError(error.code, error.message, error.fix, { exitCode: error.exit_code })
  } catch {
    // not our error object: shown as it came
  }
  return new VcError(
    'bad_reply',
    `the daemon answered something unexpected: ${text.slice(0, 200)}`,
    'restart it: vc daemon stop, then vc daemon',
    {
      exitCode: EXIT.fault,
    },
  )
}

/** A whole answer: its text and headers; error answers are thrown as the error the daemon meant. */
export const requestText = async (
  socketPath: string,
  req: SocketRequest,
): Promise<{ text: string; headers: IncomingMessage['headers'] }> => {
  const response = await openRequest(socketPath, req)
  // An answer that began may still stop in the middle: the whole of it has the same time again.
  const waiting = patience(req.timeoutMs ?? DEFAULT_MS, () => response.destroy(new NoDaemon('silent', socketPath)))
  const text = await textOf(response).finally(() => waiting.stop())
  if ((response.statusCode ?? 500) >= 400) throw asError(text)
  return { text, headers: response.headers }
}

/** Lines of a streamed answer, as they come. */
export async function* requestLines(socketPath: string, req: SocketRequest): AsyncIterable<string> {
  const response = await openRequest(socketPath, req)
  if ((response.statusCode ?? 500) >= 400) throw asError(await textOf(response))
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) if (line !== '') yield line
  }
}

/** How long a daemon may take to say that it is there; VC_PING_MS gives more on machines that are always overloaded. */
export const pingMs = (): number => Number(process.env.VC_PING_MS) || 300

/** Who answers on the socket, within `pingMs`, or NoDaemon. */
export const pingDaemon = async (
  socketPath: string,
): Promise<{ version: string; pid: number; startedAt: string; build: string | null }> => {
  const { text } = await requestText(socketPath, { method: 'GET', path: '/v1/ping', timeoutMs: pingMs() })
  const ping = JSON.parse(text) as {
    version: string
    pid: number
    started_at: string
    build?: string | null
  }
  return { version: ping.version, pid: ping.pid, startedAt: ping.started_at, build: ping.build ?? null }
}
