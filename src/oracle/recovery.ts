/** What is known of an agent that does not run, for a plan of how it could come back. */
export interface Recoverable {
  readonly status: string
  readonly wanted: string
  readonly cli: string
  readonly sessionId: string | null
  /** Null: not known, counted as a failure. */
  readonly exitCode: number | null
  readonly statusReason: string | null
}

export type RecoveryWay = 'resume' | 'fresh' | 'forget'

export interface RecoveryOption {
  readonly way: RecoveryWay
  /** Null: it can be done; else why not. */
  readonly not: string | null
  readonly says: string
}

export interface RecoveryPlan {
  /** The way with the least loss; nothing is done unless a person says so. */
  readonly proposed: RecoveryWay
  readonly why: string
  readonly options: readonly RecoveryOption[]
}

const WAITS: ReadonlySet<string> = new Set(['lost', 'crashed', 'held', 'crash_loop', 'backing_off'])

/** CLIs whose sessions go on by their own id. */
const RESUMES: ReadonlySet<string> = new Set(['claude', 'codex', 'gemini', 'opencode'])

/** How an agent that its machine's restart (or its own end) took away could come back; null: nothing to recover. Pure. */
export const planRecovery = (agent: Recoverable): RecoveryPlan | null => {
  if (agent.wanted === 'forgotten') return null
  // Nothing brings it back by itself, and nobody wanted its end.
  const leftAlone = agent.status === 'stopped' && agent.wanted === 'run' && agent.exitCode !== 0
  if (!WAITS.has(agent.status) && !leftAlone) return null
  const noStart = agent.wanted === 'paused' ? 'a person paused it: vc agent unpause' : null
  const noResume = !RESUMES.has(agent.cli)
    ? `${agent.cli} has no sessions that go on`
    : agent.sessionId === null
      ? 'its session is not known'
      : null
  const proposed: RecoveryWay = noResume === null ? 'resume' : 'fresh'
  return {
    proposed,
    why: agent.statusReason ?? `it is ${agent.status}`,
    options: [
      { way: 'resume', not: noStart ?? noResume, says: `go on with its own session ${agent.sessionId ?? ''}`.trim() },
      { way: 'fresh', not: noStart, says: 'start it again in its folder with a new session' },
      { way: 'forget', not: null, says: 'do not bring it back; its history stays' },
    ],
  }
}
