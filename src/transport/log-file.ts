import { basename } from 'node:path'
import pino from 'pino'
import { createStream } from 'rotating-file-stream'
import type { Log } from '../core/log.ts'

export interface LogFileOptions {
  readonly dir: string
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly maxMb: number
  readonly keep: number
  /** Extra reader of each line, e.g. a terminal. */
  readonly name?: string
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

/** vc's own log: one JSON object per line, rotated by size, the oldest dropped. */
export const openLogFile = (options: LogFileOptions): { log: Log; close(): Promise<void> } => {
  const name = options.name ?? 'vc.log'
  // With `rotate` the number of the old file comes as the only argument; the file being written has none.
  const fileOf = (index: number | Date | null): string =>
    typeof index === 'number' ? `${basename(name, '.log')}.${index}.log` : name
  const stream = createStream(fileOf, {
    path: options.dir,
    size: `${options.maxMb}M`,
    rotate: options.keep,
    mode: 0o600,
  })
  // A full disk must not take the daemon down with its log.
  stream.on('error', () => undefined)
  stream.on('warning', () => undefined)
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: CENSORED, censor: '[redacted]' },
    },
    stream,
  )
  return {
    log,
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}
