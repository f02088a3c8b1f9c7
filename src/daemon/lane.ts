import type { Collector, MachineFacts } from '../core/collector.ts'
import type { ScrapeRun } from '../core/rows.ts'
import { isTransportFault } from '../oracle/status.ts'
import { openPace, type Pace } from './pace.ts'
import { type Beat, everyTicks, isDue, turnsMissed } from './schedule.ts'

/** One collector on one machine, with what is in force there. */
export interface Turn {
  readonly collector: Collector
  readonly intervalS: number
  readonly timeoutMs: number
  readonly options: Readonly<Record<string, unknown>>
  /** Looked at less often while it keeps showing the same. */
  readonly stretches?: boolean
}

interface TurnState extends Turn {
  readonly every: number
  readonly pace: Pace | null
  lastTick: number | null
  running: boolean
  /** Why it is due before its turn; null when it is not. */
  hastened: News | null
}

/** Something may have changed where it was looked at before, or there is something nobody looked at yet. */
export type News = 'changed' | 'new'

/** A hastened source still rests for this part of its interval: many agents that end many turns must not keep it busy. */
const RESTS: Readonly<Record<News, number>> = { changed: 5, new: 30 }

const isHastened = ({ hastened, lastTick, every }: TurnState, tick: number): boolean =>
  hastened !== null && lastTick !== null && tick - lastTick >= Math.ceil(every / RESTS[hastened])

/** No queue holds a beat for so long: vc itself slept meanwhile, or its clock was set ahead. */
const SLEPT_MS = 60_000

/** What is due on one machine and what became of it. Pure bookkeeping: no clock, no I/O. */
export interface Lane {
  readonly machineId: string
  readonly beat: Beat
  facts: MachineFacts
  /** Runs that failed on the way to the machine, in a row; above zero it is retried in the connect lane. */
  transportFailures: number
  /** Epoch ms before which the machine is left alone; null = in its beat. */
  retryAtMs: number | null
  /** When the last look failed on the way, in epoch ms; null while the machine answers. */
  lostAtMs: number | null
  /** Turns dropped because vc was late; not those of a machine that was left alone, nor those vc itself slept through. */
  missed: number
  /** How the machine is reached: local, ssh2, openssh, replay; null before the first look. */
  transport: string | null
  /** How long its newest connection took to log in; null where none was made. */
  loginMs: number | null
  /** Takes what is due now; whoever takes it must give each back with `done`. Turns still running are counted as missed. */
  take(tick: number, only?: ReadonlySet<string>, force?: boolean): readonly Turn[]
  /** Makes a source due before its turn. False for one that was looked at on this very tick: it is told nothing. */
  hasten(source: string, tick: number, news?: News): boolean
  done(runs: readonly ScrapeRun[], taken: readonly Turn[]): void
  /** Gives back turns of a look that still waits for others, and says nothing yet about the way. */
  release(runs: readonly ScrapeRun[]): void
  /** What these runs of one look say about the way to the machine. */
  heard(runs: readonly ScrapeRun[]): void
  readonly turns: readonly Turn[]
  isRunning(source: string): boolean
  /** The pace of a source that stretches; null for any other. */
  paceOf(source: string): Pick<Pace, 'factor' | 'sinceMs'> | null
}

export const openLane = (machineId: string, beat: Beat, turns: readonly Turn[], facts: MachineFacts): Lane => {
  const states: TurnState[] = turns.map((turn) => ({
    ...turn,
    every: everyTicks(turn.intervalS, beat.baseTickMs),
    pace: turn.stretches ? openPace() : null,
    lastTick: null,
    running: false,
    hastened: null,
  }))
  let askedTick: number | null = null
  return {
    machineId,
    beat,
    facts,
    transportFailures: 0,
    retryAtMs: null,
    lostAtMs: null,
    missed: 0,
    transport: null,
    loginMs: null,
    turns: states,
    isRunning: (source) => states.some(({ collector, running }) => running && collector.name === source),
    paceOf: (source) => states.find(({ collector }) => collector.name === source)?.pace ?? null,
    take(tick, only, force = false) {
      const taken: TurnState[] = []
      const slept = askedTick !== null && (tick - askedTick) * beat.baseTickMs > SLEPT_MS + beat.baseTickMs
      askedTick = tick
      for (const state of states) {
        if (only && !only.has(state.collector.name)) continue
        const every = state.every * (state.pace?.factor ?? 1)
        if (!force && !isDue(tick, every, state.lastTick) && (state.running || !isHastened(state, tick))) continue
        if (state.running) {
          // Who asks beside the beat drops nobody's turn.
          if (force) continue
          // A late run is dropped and counted, never queued.
          if (!slept && state.lastTick !== null && Math.floor(tick / every) > Math.floor(state.lastTick / every))
            this.missed++
          state.lastTick = tick
          continue
        }
        if (!force && !slept) this.missed += turnsMissed(tick, every, state.lastTick)
        state.lastTick = tick
        state.running = true
        state.hastened = null
        taken.push(state)
      }
      return taken
    },
    hasten(source, tick, news = 'changed') {
      const state = states.find(({ collector }) => collector.name === source)
      if (state?.lastTick === tick) return false
      if (state !== undefined && state.hastened !== 'new') state.hastened = news
      return true
    },
    done(runs, taken) {
      for (const turn of taken) (turn as TurnState).running = false
      this.release(runs)
      this.heard(runs)
    },
    release(runs) {
      for (const run of runs) {
        const state = states.find(({ collector }) => collector.name === run.collector)
        if (state === undefined) continue
        state.running = false
        state.pace?.saw(run)
      }
    },
    heard(runs) {
      if (runs.length === 0) return
      const lost = runs.some((run) => isTransportFault(run.fault, run.bytes))
      const answered = runs.some((run) => run.up)
      this.transportFailures = answered ? 0 : lost ? this.transportFailures + 1 : this.transportFailures
    },
  }
}
