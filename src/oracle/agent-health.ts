/** What the newest rows say about one agent that vc keeps. Times in epoch milliseconds; null: not known. */
export interface HealthRows {
  readonly status: string
  /** As judged since its last start; null: not judged since. */
  readonly state: string | null
  /** What the engine wrote down about its end; null: it did not end. */
  readonly endedWhy: string | null
  /** When its process was last proven to live, by the engine or the process table. */
  readonly seenAliveAtMs: number | null
  readonly paneDead: boolean | null
  /** Last output of its terminal. */
  readonly outputAtMs: number | null
  /** Newest sighting of any kind. */
  readonly heartbeatAtMs: number | null
  /** Of the whole process tree. */
  readonly memBytes: number | null
  readonly cpuPct: number | null
  readonly processes: number | null
  readonly stopped: boolean | null
}

export interface AgentHealth {
  readonly alive: boolean | null
  /** Its terminal answers and its process is not stopped; null: cannot be told. */
  readonly responsive: boolean | null
  readonly heartbeatAtMs: number | null
  readonly memBytes: number | null
  readonly cpuPct: number | null
  readonly processes: number | null
  /** Since the last output; null while it works or is not known. */
  readonly idleMs: number | null
  readonly state: string
  /** One sentence that names what the verdict rests on. */
  readonly why: string
}

/** Older sightings say nothing about now. */
const FRESH_MS = 120_000

const QUIET: ReadonlySet<string> = new Set([
  'idle',
  'turn_finished',
  'needs_approval',
  'asked_question',
  'rate_limited',
])

const RUNS: ReadonlySet<string> = new Set(['starting', 'running'])

const aliveOf = (rows: HealthRows, nowMs: number): { readonly alive: boolean | null; readonly why: string } => {
  if (rows.status === 'queued') return { alive: false, why: 'not started yet' }
  if (!RUNS.has(rows.status)) return { alive: false, why: rows.endedWhy ?? `it is ${rows.status}` }
  if (rows.paneDead === true) return { alive: false, why: 'its terminal says that it ended' }
  const seen = rows.seenAliveAtMs
  if (seen === null) return { alive: null, why: 'never seen alive' }
  const ageS = Math.round((nowMs - seen) / 1000)
  return nowMs - seen <= FRESH_MS
    ? { alive: true, why: `its process was seen ${ageS} s ago` }
    : { alive: null, why: `not seen for ${ageS} s: its machine does not answer, or vc did not run` }
}

const responsiveOf = (rows: HealthRows, alive: boolean | null): boolean | null => {
  if (alive !== true) return alive === false ? false : null
  if (rows.stopped === true) return false
  return rows.stopped === null && rows.paneDead === null ? null : true
}

// The judge may not have looked since it ended, or since it was started again.
const stateOf = ({ status, state }: HealthRows, alive: boolean | null): string => {
  if (alive === false && status !== 'queued') return 'dead'
  return state === null || (alive === true && state === 'dead') ? 'unknown' : state
}

/** Health of one agent, computed from rows that were collected anyway. Pure; unknown stays null. */
export const agentHealth = (rows: HealthRows, nowMs: number): AgentHealth => {
  const { alive, why } = aliveOf(rows, nowMs)
  const state = stateOf(rows, alive)
  const quiet = QUIET.has(state) && rows.outputAtMs !== null
  const measured = <Value>(value: Value): Value | null => (alive === false ? null : value)
  return {
    alive,
    responsive: responsiveOf(rows, alive),
    heartbeatAtMs: rows.heartbeatAtMs,
    memBytes: measured(rows.memBytes),
    cpuPct: measured(rows.cpuPct),
    processes: measured(rows.processes),
    idleMs: quiet ? Math.max(0, nowMs - (rows.outputAtMs ?? nowMs)) : null,
    state,
    why: rows.stopped === true && alive === true ? `${why}, and it is stopped (SIGSTOP)` : why,
  }
}
