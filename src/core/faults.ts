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
