/** Log keys, so that lines can be joined. */
export const K = {
  machine: 'machine',
  collector: 'collector',
  fault: 'fault',
  detail: 'detail',
  bytes: 'bytes',
  durationMs: 'duration_ms',
  rows: 'rows',
  agent: 'agent',
} as const

/** Message is static, variable parts are fields. */
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void
  info(fields: Record<string, unknown>, message: string): void
  warn(fields: Record<string, unknown>, message: string): void
  error(fields: Record<string, unknown>, message: string): void
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
