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

/** Absence is an answer: a source whose tool is not there, or that has nothing to look at, is not broken. */
export const ABSENT_FAULTS: ReadonlySet<string> = new Set<Fault>(['tool_missing', 'not_configured'])

export const SOURCE_STANDINGS = ['up', 'down', 'absent'] as const

/** How a source stands on a machine after its newest run, the same on every surface. */
export const sourceStanding = (run: {
  readonly up: boolean
  readonly fault: string | null
}): (typeof SOURCE_STANDINGS)[number] =>
  run.up ? 'up' : run.fault !== null && ABSENT_FAULTS.has(run.fault) ? 'absent' : 'down'

/**
 * Whether the detail of `host_key_changed` tells of a key that is not merely another: `@revoked` stands before it in a known_hosts,
 * or a RevokedHostKeys file names it. In the words of vc and of `ssh`.
 */
export const isRevokedKey = (detail: string | null): boolean =>
  detail !== null && /\bis revoked\b|REVOKED HOST KEY|revoked by file/.test(detail)

/** What to do about one. */
export const REVOKED_KEY_FIX =
  'do not connect: find out who answers there with a key that was revoked; only once its key is another: vc machines trust <id>'

/** Faults of the way to the machine (as against faults of one source on it). */
export const TRANSPORT_FAULTS: ReadonlySet<Fault> = new Set([
  'auth',
  'unreachable',
  'host_key_unknown',
  'host_key_changed',
])
