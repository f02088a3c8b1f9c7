import type { Prediction, StuckKind } from './predictions.ts'

/** One living agent as stuck prediction sees it. Nulls are unknown: they never speak for being stuck. */
export interface AgentWatch {
  readonly agentId: string
  readonly machineId: string
  readonly cli: string
  readonly state: string | null
  readonly reason: string | null
  readonly stateSinceMs: number | null
  /** When anything was last written by or for it: transcript, tokens. */
  readonly lastActivityMs: number | null
  /** Busiest look at its process tree in the last ten minutes, percent of a core, and how many looks. */
  readonly cpuMaxPct: number | null
  readonly cpuLooks: number
  /** Most processes in its tree then: more than one may be a tool that waits. */
  readonly processes: number | null
  readonly contextTokens: number | null
  readonly contextWindowTokens: number | null
  /** Tokens its context grew by per hour lately. */
  readonly contextPerHour: number | null
  /** Turns that failed in the last half hour, and ended well in it. */
  readonly failures: number
  readonly successes: number
  /** Agents of the same CLI in the same folder that ended within ten minutes of life in the last half hour. */
  readonly crashes: number
}

export interface StuckWarning {
  readonly kind: StuckKind
  readonly probability: number
  /** Within which it is expected to show, or to last. */
  readonly horizonMinutes: number
  readonly valueMinutes: number | null
  readonly indicators: readonly string[]
  readonly action: string
}

const MINUTE_MS = 60_000
/** Longer silent thinking than this was not seen in any recording of a working agent whose process rests. */
const SILENT_MIN = 15
/** A tool may sleep under an agent without a terminal; none was seen to for as long as this. */
const SILENT_TOOL_MIN = 45
/** An interface that is alive animates: its process uses more than this. */
const RESTING_CPU_PCT = 0.3
const MIN_LOOKS = 3

const minutesSince = (ms: number | null, nowMs: number): number | null =>
  ms === null ? null : Math.max(0, (nowMs - ms) / MINUTE_MS)

const stalled = (agent: AgentWatch, nowMs: number): StuckWarning | null => {
  if (agent.state !== 'stalled') return null
  const min = minutesSince(agent.stateSinceMs, nowMs)
  return {
    kind: 'stuck_stalled',
    probability: 0.95,
    horizonMinutes: 15,
    valueMinutes: null,
    indicators: [agent.reason ?? 'its process does not run', ...(min === null ? [] : [`for ${Math.round(min)} min`])],
    action: 'continue_or_restart',
  }
}

/** Silence alone proves nothing: an interface that thinks still animates, and background work uses its process tree. */
const silent = (agent: AgentWatch, nowMs: number): StuckWarning | null => {
  if (agent.state !== 'working' || /^background/.test(agent.reason ?? '')) return null
  const quiet = [agent.stateSinceMs, agent.lastActivityMs].map((ms) => minutesSince(ms, nowMs))
  const longest = agent.processes === 1 ? SILENT_MIN : SILENT_TOOL_MIN
  if (quiet.some((min) => min === null || min < longest)) return null
  if (agent.cpuMaxPct === null || agent.cpuLooks < MIN_LOOKS || agent.cpuMaxPct >= RESTING_CPU_PCT) return null
  const min = Math.min(...quiet.filter((one) => one !== null))
  return {
    kind: 'stuck_silent',
    probability: Math.min(0.95, 0.6 + (min - longest) / 60),
    horizonMinutes: 15,
    valueMinutes: null,
    indicators: [
      `nothing written for ${Math.round(min)} min of a turn`,
      `its processes used at most ${agent.cpuMaxPct.toFixed(1)} % of a core in ${agent.cpuLooks} looks`,
    ],
    action: 'look_then_interrupt',
  }
}

const errorLoop = (agent: AgentWatch): StuckWarning | null => {
  // A limit is waited for, not looped on; a turn that ended well broke the loop.
  if (agent.failures < 3 || agent.successes * 2 > agent.failures) return null
  return {
    kind: 'stuck_error_loop',
    probability: Math.min(0.95, 0.5 + 0.1 * agent.failures - 0.15 * agent.successes),
    horizonMinutes: 15,
    valueMinutes: null,
    indicators: [
      `${agent.failures} turns failed in 30 min`,
      `${agent.successes} ended well`,
      agent.reason ?? '',
    ].filter(Boolean),
    action: 'read_the_error',
  }
}

const contextOverflow = (agent: AgentWatch): StuckWarning | null => {
  const { contextTokens: used, contextWindowTokens: window, contextPerHour: pace } = agent
  if (used === null || !window || agent.state === 'dead') return null
  const share = used / window
  if (share < 0.85) return null
  const minutes = pace !== null && pace > 0 ? ((window - used) / pace) * 60 : null
  if (share < 0.95 && (minutes === null || minutes > 60)) return null
  return {
    kind: 'stuck_context_overflow',
    probability: share >= 0.95 ? 0.85 : 0.6,
    horizonMinutes: 60,
    valueMinutes: minutes,
    indicators: [
      `context ${Math.round(share * 100)} % full`,
      ...(pace === null || pace <= 0 ? [] : [`grows by ${Math.round(pace)} tokens an hour`]),
    ],
    action: 'compact_or_hand_over',
  }
}

const crashLoop = (agent: AgentWatch): StuckWarning | null =>
  agent.crashes < 3
    ? null
    : {
        kind: 'stuck_crash_loop',
        probability: Math.min(0.95, 0.6 + 0.1 * (agent.crashes - 3)),
        horizonMinutes: 15,
        valueMinutes: null,
        indicators: [`${agent.crashes} agents of ${agent.cli} ended there within ten minutes of life in 30 min`],
        action: 'stop_restarting',
      }

/** What speaks for an agent being, or soon getting, stuck. Nobody who waits for a person or a limit is stuck. */
export const stuckWarnings = (agent: AgentWatch, now: Date): readonly StuckWarning[] => {
  const nowMs = now.getTime()
  const all = [stalled(agent, nowMs), silent(agent, nowMs), errorLoop(agent), contextOverflow(agent), crashLoop(agent)]
  return all.filter((warning) => warning !== null)
}

/** A warning as it is stored and shown; `right` is how often such a warning was right, null where none was scored. */
export const storedStuck = (agent: AgentWatch, warning: StuckWarning, now: Date): Prediction => ({
  kind: warning.kind,
  machineId: agent.machineId,
  subject: agent.agentId,
  madeAt: now,
  horizonAt: new Date(now.getTime() + warning.horizonMinutes * MINUTE_MS),
  outlook: 'forecast',
  valueMinutes: warning.valueMinutes,
  interval: null,
  probability: warning.probability,
  action: warning.action,
  advice: { action: warning.action, command: `vc explain ${agent.agentId}` },
  model: 'indicators',
  confidence: warning.probability,
  basis: {
    indicators: warning.indicators,
    cli: agent.cli,
    state: agent.state,
    horizon_minutes: warning.horizonMinutes,
  },
})

/** What happened to an agent after a warning, up to its horizon. */
export interface AfterWarning {
  /** It was looked at near the horizon, or is known to have ended. */
  readonly watched: boolean
  readonly failed: boolean
  /** It used tokens, or a turn of it ended. */
  readonly progressed: boolean
  /** Its context got full, or was emptied. */
  readonly contextTurned: boolean
  /** One more ended there soon after its start. */
  readonly crashed: boolean
}

/** Whether the warning was right. */
export const whatCameOfWarning = (kind: StuckKind, after: AfterWarning): 'came' | 'stayed_away' | 'unknown' => {
  const came: Readonly<Record<StuckKind, boolean>> = {
    stuck_stalled: !after.progressed,
    stuck_silent: !after.progressed,
    stuck_error_loop: after.failed,
    stuck_context_overflow: after.contextTurned,
    stuck_crash_loop: after.crashed,
  }
  if (!after.watched) return 'unknown'
  return came[kind] ? 'came' : 'stayed_away'
}
