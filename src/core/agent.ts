/** States of an agent, stored, shown and golden exactly so. */
export const AGENT_STATES = [
  'working',
  'needs_approval',
  'asked_question',
  'turn_finished',
  'idle',
  'rate_limited',
  'failed',
  'stalled',
  'dead',
  'unknown',
] as const

export type AgentState = (typeof AGENT_STATES)[number]

export const AGENT_CLIS = ['claude', 'codex', 'gemini', 'opencode', 'other'] as const
export type AgentCli = (typeof AGENT_CLIS)[number]

/** Where a sighting comes from, in order of trust: proven death, the CLI's own live state, transcript, processes, screen. */
export const TIERS = ['death', 'live', 'transcript', 'process', 'screen'] as const
export type Tier = (typeof TIERS)[number]

/** One source's opinion about one agent at one moment. Text of people or models never enters it. */
export interface Sighting {
  readonly tier: Tier
  /** e.g. `claude.registry`, `codex.title`, `claude.transcript`, `process`, `screen`. */
  readonly source: string
  readonly says: AgentState
  /** Rule that read it, versioned data: `claude.registry.waiting@2.1`. */
  readonly rule: string
  /** When the source says it became so (its own time where it has one). */
  readonly asOf: Date
  /** When vc looked; absent means the same as `asOf`. A source seen later than it changed still says so at that later time. */
  readonly seenAt?: Date
  readonly since: Date | null
  readonly until: Date | null
  readonly reason: string | null
}

/** The decision over all sightings of one agent. */
export interface AgentVerdict {
  readonly state: AgentState
  readonly reason: string | null
  readonly since: Date | null
  readonly until: Date | null
  readonly rule: string
  readonly winner: Sighting | null
  readonly losers: readonly Sighting[]
}
