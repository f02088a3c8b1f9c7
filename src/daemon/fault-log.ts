import type { Fault } from '../core/faults.ts'
import { K, type Log } from '../core/log.ts'
import type { ScrapeRun } from '../core/rows.ts'
import { isTransportFault } from '../oracle/status.ts'
import type { Lane } from './lane.ts'
import { isWorthALine, lastedS, longer, type Streak } from './streak.ts'

/** Not a trouble of the source: a tool nobody installed, a look that vc or a person ended. */
const NO_TROUBLE: ReadonlySet<Fault> = new Set(['tool_missing', 'cancelled'])

/** One line: sources of one look of which the same is to be said. */
interface Line {
  readonly runs: ScrapeRun[]
  readonly streak: Streak<Fault>
}

const joined = (lines: Map<string, Line>, words: string, run: ScrapeRun, streak: Streak<Fault>): void => {
  const line = lines.get(words)
  if (line === undefined) lines.set(words, { runs: [run], streak })
  else line.runs.push(run)
}

const whoSaid = (machineId: string, runs: readonly ScrapeRun[]): Record<string, unknown> => {
  const names = runs.map((run) => run.collector)
  const who = names.length === 1 ? { [K.collector]: names[0] } : { sources: names.length, collectors: names }
  return { [K.machine]: machineId, ...who }
}

const costOf = (runs: readonly ScrapeRun[]): Record<string, unknown> => ({
  [K.durationMs]: Math.max(...runs.map((run) => run.durationMs)),
  [K.bytes]: runs.reduce((sum, run) => sum + run.bytes, 0),
})

/** Says in vc's log what fails: once when it begins or becomes another fault, ever more rarely while it lasts, once when it ends. */
export interface FaultLog {
  /** Runs of one look, each of them once, when its lane has heard of them. What is not worth a line is one for debugging. */
  saw(lane: Pick<Lane, 'machineId' | 'transportFailures' | 'retryAtMs'>, runs: readonly ScrapeRun[]): void
}

export const openFaultLog = (log: Log, now: () => number): FaultLog => {
  const machines = new Map<string, Streak<Fault>>()
  const sources = new Map<string, Streak<Fault>>()

  const sawWay: FaultLog['saw'] = ({ machineId, retryAtMs, transportFailures }, runs) => {
    const before = machines.get(machineId)
    const lost = runs.find((run) => run.fault !== null)
    if (lost?.fault && transportFailures > 0) {
      const streak = longer(before, lost.fault, now())
      machines.set(machineId, streak)
      const { trouble, failures } = streak
      const again = retryAtMs === null ? {} : { retry_s: Math.max(0, Math.ceil((retryAtMs - now()) / 1000)) }
      const what = { [K.machine]: machineId, [K.fault]: trouble, [K.detail]: lost.detail, sources: runs.length }
      log[isWorthALine(streak) ? 'warn' : 'debug']({ ...what, failures, ...again }, 'a machine was not reached')
    } else if (before !== undefined && transportFailures === 0) {
      machines.delete(machineId)
      const { trouble, failures } = before
      const was = { [K.machine]: machineId, [K.fault]: trouble, failures, away_s: lastedS(before, now()) }
      log.info(was, 'a machine is reached again')
    }
  }

  const sawSources = (machineId: string, runs: readonly ScrapeRun[]): void => {
    const failed = new Map<string, Line>()
    const mended = new Map<string, Line>()
    for (const run of runs) {
      const key = `${machineId}\u0000${run.collector}`
      const before = sources.get(key)
      if (run.fault === null) {
        sources.delete(key)
        if (before !== undefined) joined(mended, before.trouble, run, before)
        continue
      }
      const streak = longer(before, run.fault, now())
      if (!NO_TROUBLE.has(run.fault)) sources.set(key, streak)
      joined(failed, `${run.fault}\u0000${streak.times}\u0000${run.detail}`, run, streak)
    }
    for (const { runs: told, streak } of failed.values()) {
      const loud = isWorthALine(streak) && !NO_TROUBLE.has(streak.trouble)
      const what = { [K.fault]: streak.trouble, [K.detail]: told[0]?.detail, failures: streak.failures }
      log[loud ? 'warn' : 'debug']({ ...whoSaid(machineId, told), ...what, ...costOf(told) }, 'scrape failed')
    }
    for (const { runs: told, streak } of mended.values()) {
      const was = { [K.fault]: streak.trouble, failures: streak.failures, failed_s: lastedS(streak, now()) }
      log.info({ ...whoSaid(machineId, told), ...was }, 'scrape goes well again')
    }
  }

  return {
    saw(lane, runs) {
      const isLost = (run: ScrapeRun): boolean => lane.transportFailures > 0 && isTransportFault(run.fault, run.bytes)
      sawWay(lane, runs.filter(isLost))
      sawSources(
        lane.machineId,
        runs.filter((run) => !isLost(run)),
      )
    },
  }
}
