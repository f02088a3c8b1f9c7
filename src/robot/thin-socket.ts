// The way to the daemon of the thin file: nothing but node:net and node:fs, because loading costs more than answering.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { isAbsolute, join } from 'node:path'
import { patience } from '../core/patience.ts'

const xdg = (name: string, fallback: string): string => {
  const value = process.env[name]
  return value && isAbsolute(value) ? value : join(process.env.HOME ?? '', fallback)
}

/** Where a daemon usually has its socket and its last words. */
export const runDir = (): string => join(xdg('XDG_STATE_HOME', join('.local', 'state')), 'vc', 'run')

/** The usual socket, or null when a configuration may have moved it and must be read in full. */
export const usualSocket = (): string | null => {
  if (process.env.VC_CONFIG || !isAbsolute(process.env.HOME ?? '')) return null
  try {
    const text = readFileSync(join(xdg('XDG_CONFIG_HOME', '.config'), 'vc', 'vc.toml'), 'utf8')
    // However it is spelled: [vc] data_dir, vc.data_dir, vc = { data_dir }. The full program reads it for sure.
    if (/^[^#\n]*data_dir/m.test(text)) return null
  } catch {
    // no configuration file: the usual place
  }
  const path = join(runDir(), 'vc.sock')
  return Buffer.byteLength(path) > 100 ? null : path
}

interface Answer {
  readonly exit: number
  readonly body: Buffer
}

// HTTP/1.0: the answer ends with the connection, so that there are no chunks to put together. Null: not an answer to print.
const parseAnswer = (bytes: Buffer): Answer | null => {
  const end = bytes.indexOf('\r\n\r\n')
  const head = end < 0 ? '' : bytes.toString('latin1', 0, end)
  // An error answer is rare: the full program says it properly.
  if (!/^HTTP\/1\.[01] 200 /.test(head)) return null
  const body = bytes.subarray(end + 4)
  const length = /^content-length: *(\d+)/im.exec(head)?.[1]
  // A daemon that died while it spoke: half an answer is none.
  if (body.length !== Number(length)) return null
  return { exit: Number(/^x-vc-exit: *(\d+)/im.exec(head)?.[1] ?? 0), body }
}

/** One GET over the daemon's socket; null when nobody answers in time or the answer is an error. */
// By hand over a plain socket: loading node:http takes as long as all the rest together.
export const fetchAnswer = (
  socketPath: string,
  path: string,
  patienceMs = Number(process.env.VC_PING_MS) || 300,
): Promise<Answer | null> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(socketPath)
    const waiting = patience(patienceMs, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      waiting.stop()
      chunks.push(chunk)
    })
    socket.on('close', () => {
      waiting.stop()
      resolve(parseAnswer(Buffer.concat(chunks)))
    })
    socket.write(`GET ${path} HTTP/1.0\r\nHost: vc\r\n\r\n`)
  })
