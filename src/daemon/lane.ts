import type { Collector, MachineFacts } from '../core/collector.ts'
import type { ScrapeRun } from '../core/rows.ts'
import { isTransportFault } from '../oracle/status.ts'
import { type Beat, everyTicks, isDue, turnsMissed } from './schedule.ts'

/** One collector on one machine, with what is in force there. */
export interface Turn {
  readonly collector: Collector
  readonly intervalS: number
  readonly timeoutMs: number
  readonly options: Readonly<Record<string, unknown>>
}

interface TurnState extends Turn {
  readonly every: number
  lastTick: number | null
  running: boolean
}

/** What is due on one machine and what became of it. Pure bookkeeping: no clock, no I/O. */
export interface Lane {
  readonly machineId: string
  readonly beat: Beat
  facts: MachineFacts
  /** Runs that failed on the way to the machine, in a row; above zero it is retried in the connect lane. */
  transportFailures: number
  /** Epoch ms before which the machine is left alone; null = in its beat. */
  retryAtMs: number | null
  missed: number
  /** How the machine is reached: local, ssh2, openssh, replay; null before the first look. */
  transport: string | null
  /** How long its newest connection took to log in; null where none was made. */
  loginMs: number | null
  /** Takes what is due now; whoever takes it must give each back with `done`. Turns still running are counted as missed. */
  take(tick: number, only?: ReadonlySet<string>, force?: boolean): readonly Turn[]
  done(runs: readonly ScrapeRun[], taken: readonly Turn[]): void
  readonly turns: readonly Turn[]
}

export const openLane = (machineId: string, beat: Beat, turns: readonly Turn[], facts: MachineFacts): Lane => {
  const states: TurnState[] = turns.map((turn) => ({
    ...turn,
    every: everyTicks(turn.intervalS, beat.baseTickMs),
    lastTick: null,
    running: false,
  }))
  return {
    machineId,
    beat,
    facts,
    transportFailures: 0,
    retryAtMs: null,
    missed: 0,
    transport: null,
    loginMs: null,
    turns: states,
    take(tick, only, force = false) {
      const taken: TurnState[] = []
      for (const state of states) {
        if (only && !only.has(state.collector.name)) continue
        if (!force && !isDue(tick, state.every, state.lastTick)) continue
        if (state.running) {
          // A late run is dropped and counted, never queued.
          if (state.lastTick !== null && Math.floor(tick / state.every) > Math.floor(state.lastTick / state.every))
            this.missed++
          state.lastTick = tick
          continue
        }
        this.missed += turnsMissed(tick, state.every, state.lastTick)
        state.lastTick = tick
        state.running = true
        taken.push(state)
      }
      return taken
    },
    done(runs, taken) {
      for (const turn of taken) (turn as TurnState).running = false
      if (runs.length === 0) return
      const lost = runs.some((run) => isTransportFault(run.fault, run.bytes))
      const answered = runs.some((run) => run.up)
      this.transportFailures = answered ? 0 : lost ? this.transportFailures + 1 : this.transportFailures
    },
  }
}
