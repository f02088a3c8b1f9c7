import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { basename, join } from 'node:path'
import pino from 'pino'
import { createStream } from 'rotating-file-stream'
import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/log.ts'

export interface LogFileOptions {
  readonly dir: string
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly maxMb: number
  readonly keep: number
  readonly name?: string
  /** How long a log that could not be written is left alone. */
  readonly retryMs?: number
}

/** Secrets have no business in a log; these keys are censored wherever they stand. */
const CENSORED = [
  'token',
  'password',
  'secret',
  'authorization',
  'api_key',
  'env',
  '*.token',
  '*.password',
  '*.secret',
  '*.authorization',
  '*.api_key',
  '*.env',
]

const RETRY_MS = 10_000

/** A full disk may have cut the last line in two: what comes next begins on a line of its own. */
const endLine = (path: string): void => {
  try {
    const file = openSync(path, 'r')
    const last = Buffer.alloc(1)
    const read = readSync(file, last, 0, 1, fstatSync(file).size - 1)
    closeSync(file)
    if (read === 1 && last.toString() !== '\n') appendFileSync(path, '\n')
  } catch {
    // not there yet, or still no room
  }
}

/**
 * A stream that failed is closed for good, be it for one full minute of the disk: it is opened anew with the next line after
 * a while, and says how many lines nobody could keep.
 */
const patientStream = (open: () => ReturnType<typeof createStream>, retryMs: number) => {
  let lost = 0
  let failedAt = 0
  let why = ''
  let stream: ReturnType<typeof createStream> | null = null
  const renew = (): ReturnType<typeof createStream> => {
    const fresh = open()
    // A full disk must not take the daemon down with its log.
    fresh.on('error', (error) => {
      if (stream === fresh) stream = null
      failedAt = performance.now()
      why = messageOf(error)
    })
    fresh.on('warning', () => undefined)
    return fresh
  }
  stream = renew()
  return {
    write(line: string): void {
      if (stream === null && performance.now() - failedAt < retryMs) {
        lost += 1
        return
      }
      stream ??= renew()
      if (why !== '') {
        const told = {
          level: 40,
          time: new Date().toISOString(),
          lines: lost,
          detail: why,
          msg: 'lines of this log were lost',
        }
        stream.write(`${JSON.stringify(told)}\n`)
        why = ''
        lost = 0
      }
      stream.write(line)
    },
    close: () => new Promise<void>((resolve) => (stream === null ? resolve() : void stream.end(() => resolve()))),
  }
}

/** vc's own log: one JSON object per line, rotated by size, the oldest dropped. */
export const openLogFile = (options: LogFileOptions): { log: Log; close(): Promise<void> } => {
  const name = options.name ?? 'vc.log'
  // With `rotate` the number of the old file comes as the only argument; the file being written has none.
  const fileOf = (index: number | Date | null): string =>
    typeof index === 'number' ? `${basename(name, '.log')}.${index}.log` : name
  const open = () => {
    endLine(join(options.dir, name))
    return createStream(fileOf, {
      path: options.dir,
      size: `${options.maxMb}M`,
      rotate: options.keep,
      mode: 0o600,
    })
  }
  const stream = patientStream(open, options.retryMs ?? RETRY_MS)
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: CENSORED, censor: '[redacted]' },
    },
    stream,
  )
  return { log, close: stream.close }
}
