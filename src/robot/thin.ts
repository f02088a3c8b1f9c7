// The fast path of `vc robot …` against a running daemon: look at argv, connect, pipe the answer through. Bundled alone as
// dist/robot.cjs; it loads nothing but node:net and node:fs, because loading costs more than answering.
import { readFileSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import { isAbsolute, join } from 'node:path'
import { parseRobotArgv } from '../core/robot-argv.ts'

/** The request for argv, or null when the full program must look at it (help, another configuration, anything unusual). */
export const requestPath = (argv: readonly string[]): string | null => {
  if (argv.some((word) => word === '--config' || word.startsWith('--config='))) return null
  const wanted = parseRobotArgv(argv)
  if (wanted === null || !/^[a-z][a-z-]*$/.test(wanted.topic)) return null
  return `/v1/robot/${wanted.topic}?${new URLSearchParams({ ...wanted.params, format: wanted.format })}`
}

const xdg = (name: string, fallback: string): string => {
  const value = process.env[name]
  return value && isAbsolute(value) ? value : join(process.env.HOME ?? '', fallback)
}

/** The usual socket, or null when a configuration may have moved it and must be read in full. */
export const usualSocket = (): string | null => {
  if (process.env.VC_CONFIG || !isAbsolute(process.env.HOME ?? '')) return null
  try {
    const text = readFileSync(join(xdg('XDG_CONFIG_HOME', '.config'), 'vc', 'vc.toml'), 'utf8')
    if (/^\s*data_dir\s*=/m.test(text)) return null
  } catch {
    // no configuration file: the usual place
  }
  const path = join(xdg('XDG_STATE_HOME', join('.local', 'state')), 'vc', 'run', 'vc.sock')
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

// By hand over a plain socket: loading node:http takes as long as all the rest together.
const fetchAnswer = (socketPath: string, path: string): Promise<Answer | null> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(socketPath)
    const timer = setTimeout(() => socket.destroy(), Number(process.env.VC_PING_MS) || 300)
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      clearTimeout(timer)
      chunks.push(chunk)
    })
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(parseAnswer(Buffer.concat(chunks)))
    })
    socket.write(`GET ${path} HTTP/1.0\r\nHost: vc\r\n\r\n`)
  })

// Straight to the descriptor: making the stream object costs more than writing.
const print = (body: Buffer): void => {
  for (let at = 0; at < body.length; ) {
    try {
      at += writeSync(1, body, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // The reader left early, which is an end and no error.
      if (code === 'EPIPE') return
      if (code !== 'EAGAIN') throw error
      process.stdout.write(body.subarray(at))
      return
    }
  }
}

/** Exit code when the daemon answered; null when the full program has to take over. Nothing was printed then. */
export const run = async (argv: readonly string[]): Promise<number | null> => {
  const path = requestPath(argv)
  const socket = path === null ? null : usualSocket()
  const answer = path !== null && socket !== null ? await fetchAnswer(socket, path) : null
  if (answer === null) return null
  print(answer.body)
  return answer.exit
}
