import type { IncomingMessage } from 'node:http'
import { execa } from 'execa'
import { messageOf } from '../core/errors.ts'
import { decodeUtf8 } from '../core/text.ts'
import { requestOf } from './node-http.ts'
import { asUsual } from './own-umask.ts'

/** How one attempt to tell somebody ended. */
export interface Told {
  readonly ok: boolean
  /** HTTP status or exit code; null: it did not come so far. */
  readonly code: number | null
  /** Why not; never the address, never what was answered. */
  readonly detail: string | null
}

export interface HttpMessage {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
  /** Where 2xx alone is no success: why the answer (its first 64 KB) is none, or null. Its words are not kept. */
  readonly failure?: (answer: string) => string | null
}

const ANSWER_BYTES = 64 * 1024

const firstOf = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    parts.push(part as Buffer)
    bytes += (part as Buffer).length
    if (bytes >= ANSWER_BYTES) break
  }
  return decodeUtf8(Buffer.concat(parts))
}

/** What Node takes in no header. */
const UNSENDABLE = /[^\t\u0020-\u007e\u0080-\u00ff]/

const said = (status: number): Told => {
  if (status >= 200 && status < 300) return { ok: true, code: status, detail: null }
  const redirect = status >= 300 && status < 400
  return { ok: false, code: status, detail: redirect ? 'redirects are not followed' : `answered ${status}` }
}

/** Sends one POST to exactly this address. A redirect is a failure: where alerts go is written in vc.toml and nowhere else. */
export const postHttp = ({ url, headers, body, timeoutMs, failure }: HttpMessage): Promise<Told> =>
  new Promise((resolve) => {
    const failed = (error: unknown): void =>
      resolve({ ok: false, code: null, detail: (error as NodeJS.ErrnoException).code ?? messageOf(error) })
    const address = URL.parse(url)
    if (address === null || !['http:', 'https:'].includes(address.protocol)) {
      resolve({ ok: false, code: null, detail: 'no http or https address' })
      return
    }
    // Said here, because Node throws: a token that was read with its line end, say.
    if (Object.values(headers).some((value) => UNSENDABLE.test(value))) {
      resolve({ ok: false, code: null, detail: 'the token holds a line end or another character no header can carry' })
      return
    }
    const send = requestOf(address.protocol)
    const sent = send(address, {
      method: 'POST',
      headers: { 'user-agent': 'vc', ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    })
    sent.on('response', (response) => {
      const told = said(response.statusCode ?? 0)
      if (told.ok && failure !== undefined) {
        firstOf(response).then((answer) => {
          const why = failure(answer)
          resolve(why === null ? told : { ...told, ok: false, detail: why })
        }, failed)
        return
      }
      // The answer's words are nobody's business, and a flood of them least.
      resolve(told)
      response.destroy()
    })
    sent.on('error', (error) =>
      sent.reusedSocket || error.name !== 'AbortError'
        ? failed(error)
        : resolve({ ok: false, code: null, detail: `no answer within ${timeoutMs} ms` }),
    )
    sent.end(body)
  })

/** Starts one program without a shell; `input` comes on its standard input. */
export const runNotifier = async (argv: readonly string[], input: string, timeoutMs: number): Promise<Told> => {
  const [program, ...args] = argv
  if (program === undefined) return { ok: false, code: null, detail: 'no program is named' }
  const ran = await asUsual(() =>
    execa(program, args, {
      input,
      timeout: timeoutMs,
      maxBuffer: 64 * 1024,
      reject: false,
      forceKillAfterDelay: 1_000,
      stdout: 'ignore',
      stderr: 'ignore',
    }),
  )
  if (!ran.failed) return { ok: true, code: 0, detail: null }
  const why = ran.timedOut
    ? `did not end within ${timeoutMs} ms`
    : ran.exitCode === undefined
      ? (ran.code ?? ran.signal ?? 'did not start')
      : `exit code ${ran.exitCode}`
  return { ok: false, code: ran.exitCode ?? null, detail: why }
}

/** The words of a desktop notification as program and arguments; null where none is known. */
export const desktopArgv = (
  platform: NodeJS.Platform,
  message: { readonly summary: string; readonly body: string; readonly urgent: boolean },
): readonly string[] | null => {
  const { summary, body, urgent } = message
  if (platform === 'darwin')
    return [
      'osascript',
      '-e',
      'on run argv',
      '-e',
      'display notification (item 2 of argv) with title (item 1 of argv)',
      '-e',
      'end run',
      summary,
      body,
    ]
  return platform === 'linux'
    ? ['notify-send', '--app-name=vc', `--urgency=${urgent ? 'critical' : 'normal'}`, '--', summary, body]
    : null
}
