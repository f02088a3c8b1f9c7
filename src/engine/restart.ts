import type { AgentState } from '../core/agent.ts'
import type { RestartPolicy, Wanted } from '../core/engine.ts'

/** Pace of restarts, from `[engine]` of vc.toml. */
export interface RestartPace {
  /** Wait before the first restart. */
  readonly delayMs: number
  /** Longest wait; it doubles with each ending in the window. */
  readonly maxDelayMs: number
  /** Endings within the window after which vc stops trying. */
  readonly maxCrashes: number
  readonly windowMs: number
  /** An agent that lived this long starts with a clean slate. */
  readonly graceMs: number
}

/** What is known of an agent whose process is proven to be gone. */
export interface EndedAgent {
  readonly policy: RestartPolicy
  readonly wanted: Wanted
  readonly startedAt: Date | null
  readonly endedAt: Date
  /** Null: not known, counted as a failure. */
  readonly exitCode: number | null
  /** Times of unasked endings, this one included, oldest first. */
  readonly crashes: readonly Date[]
  /** The last judged state before it ended; null: never judged. */
  readonly lastState: AgentState | null
  /** End of the limit that `rate_limited` named; null: not known. */
  readonly limitedUntil: Date | null
}

export type RestartVerdict =
  | { readonly do: 'restart'; readonly why: string }
  | { readonly do: 'wait'; readonly until: Date; readonly why: string }
  /** Nothing is done until a person or another state of things says so. */
  | { readonly do: 'hold'; readonly why: string }
  | { readonly do: 'give_up'; readonly why: string }
  | { readonly do: 'leave'; readonly why: string }

const HELD_BY_PERSON: ReadonlySet<AgentState> = new Set(['needs_approval', 'asked_question'])

const held = (agent: EndedAgent, now: Date): RestartVerdict | null => {
  if (agent.lastState !== null && HELD_BY_PERSON.has(agent.lastState))
    return { do: 'hold', why: `it ended while it waited for a person (${agent.lastState})` }
  if (agent.lastState !== 'rate_limited') return null
  if (agent.limitedUntil === null) return { do: 'hold', why: 'it ended at a rate limit whose end is not known' }
  return agent.limitedUntil > now ? { do: 'wait', until: agent.limitedUntil, why: 'rate-limited until then' } : null
}

/** Endings that count: those in the window, of a life too short to be called a good start. */
const countedCrashes = (agent: EndedAgent, pace: RestartPace): readonly Date[] => {
  const since = agent.endedAt.getTime() - pace.windowMs
  const lived = agent.startedAt === null ? 0 : agent.endedAt.getTime() - agent.startedAt.getTime()
  return lived >= pace.graceMs ? agent.crashes.slice(-1) : agent.crashes.filter((at) => at.getTime() > since)
}

/** Wait before the restart after this many endings in a row: doubles, never above the longest. */
export const backOffMs = (crashes: number, pace: Pick<RestartPace, 'delayMs' | 'maxDelayMs'>): number =>
  Math.min(pace.maxDelayMs, pace.delayMs * 2 ** Math.min(30, Math.max(0, crashes - 1)))

/**
 * Whether an agent that ended is started again, and when. Pure. Never while it is rate-limited, waits for a person or was paused
 * by one; never more often than the pace allows.
 */
export const judgeRestart = (agent: EndedAgent, pace: RestartPace, now: Date): RestartVerdict => {
  if (agent.wanted === 'stop' || agent.wanted === 'forgotten') return { do: 'leave', why: 'it was stopped on purpose' }
  // Whatever its policy says of this ending is judged when it is paused no more; until then it keeps its place.
  if (agent.wanted === 'paused') return { do: 'hold', why: 'paused by a person' }
  if (agent.policy === 'never') return { do: 'leave', why: 'its restart policy is never' }
  if (agent.policy === 'on_failure' && agent.exitCode === 0) return { do: 'leave', why: 'it ended by itself, exit 0' }
  const counted = countedCrashes(agent, pace)
  if (counted.length >= pace.maxCrashes)
    return { do: 'give_up', why: `it ended ${counted.length} times within ${Math.round(pace.windowMs / 60_000)} min` }
  const blocked = held(agent, now)
  if (blocked !== null) return blocked
  const dueAt = new Date(agent.endedAt.getTime() + backOffMs(counted.length, pace))
  return dueAt > now
    ? { do: 'wait', until: dueAt, why: `back-off after ${counted.length} ending(s)` }
    : { do: 'restart', why: `policy ${agent.policy}, ending ${counted.length} of at most ${pace.maxCrashes - 1}` }
}
