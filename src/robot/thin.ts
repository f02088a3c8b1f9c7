// The fast path of `vc robot …` against a running daemon: look at argv, connect, pipe the answer through. Bundled alone as
// dist/robot.cjs; it loads nothing but node:net and node:fs, because loading costs more than answering.
import { writeSync } from 'node:fs'
import { parseRobotArgv } from '../core/robot-argv.ts'
import { fetchAnswer, usualSocket } from './thin-socket.ts'
import { knownWords } from './words.ts'

export { usualSocket }

/** The request for argv, or null when the full program must look at it (help, another configuration, anything unusual). */
export const requestPath = (argv: readonly string[]): string | null => {
  if (argv.some((word) => word === '--config' || word.startsWith('--config='))) return null
  const wanted = parseRobotArgv(argv)
  if (wanted === null || !/^[a-z][a-z-]*$/.test(wanted.topic)) return null
  return `/v1/robot/${wanted.topic}?${new URLSearchParams({ ...wanted.params, format: wanted.format })}`
}

// False: it could not be written. Straight to the descriptor: making the stream object costs more than writing.
const print = (body: Buffer): boolean => {
  for (let at = 0; at < body.length; ) {
    try {
      at += writeSync(1, body, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // The reader left early, which is an end and no error.
      if (code === 'EPIPE') return true
      if (code !== 'EAGAIN') return notWhole(error as Error)
      process.stdout.on('error', () => undefined).write(body.subarray(at))
      return true
    }
  }
  return true
}

const notWhole = ({ message }: Error): false => {
  process.stderr.write(
    `vc: the answer could not be written whole: ${message}\n  fix: make room where it goes, or send it elsewhere\n`,
  )
  return false
}

/** Exit code when the daemon answered; null when the full program has to take over. Nothing was printed then. */
export const run = async (argv: readonly string[]): Promise<number | null> => {
  const path = requestPath(argv)
  const socket = path === null ? null : usualSocket()
  const answer = path !== null && socket !== null ? await fetchAnswer(socket, path) : null
  if (answer === null) return null
  return print(answer.body) ? answer.exit : 1
}

/** Ids for a shell that completes, one per line; nothing at all when nobody tells them at once. */
export const words = async (kind: string | undefined): Promise<void> => {
  const known = await knownWords(kind ?? '')
  if (known.length > 0) print(Buffer.from(`${known.join('\n')}\n`))
}
