/** Every way a scrape can end badly. Transport failure is not command failure is not absence. */
export const FAULTS = [
  'tool_missing',
  'not_configured',
  'timeout',
  'exit_code',
  'truncated',
  'bad_output',
  'incompatible_version',
  'auth',
  'unreachable',
  'host_key_unknown',
  'host_key_changed',
  'persist_failed',
  'cancelled',
] as const

export type Fault = (typeof FAULTS)[number]

/** Faults of the way to the machine (as against faults of one source on it). */
export const TRANSPORT_FAULTS: ReadonlySet<Fault> = new Set([
  'auth',
  'unreachable',
  'host_key_unknown',
  'host_key_changed',
])
