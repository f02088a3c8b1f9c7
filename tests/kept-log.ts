import type { Log } from '../src/core/log.ts'

export interface KeptLine extends Record<string, unknown> {
  readonly level: keyof Log
  readonly msg: string
}

/** A log that keeps its lines for the test. */
export const keptLog = () => {
  const lines: KeptLine[] = []
  const keep =
    (level: keyof Log): Log[keyof Log] =>
    (fields, msg) =>
      void lines.push({ ...fields, level, msg })
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
  return { log, lines, above: (level: keyof Log) => lines.filter((line) => line.level !== level) }
}
