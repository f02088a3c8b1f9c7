import { type ProbeBase, processKey, windowS } from './base.ts'
import type { ProbeReading, ProcessReading } from './reading.ts'

/** A process with its CPU share of one core. */
export interface MeasuredProcess extends ProcessReading {
  readonly cpuPct: number | null
  /** First sight: the share is its average since it started. */
  readonly lifetime: boolean
}

const TOP = 15

/** CPU shares against the base, keyed by (pid, start): a reused pid is a new process. */
export const measureProcesses = (base: ProbeBase | null, reading: ProbeReading): readonly MeasuredProcess[] => {
  const seconds = windowS(base, reading)
  return (reading.processes ?? []).map((process) => {
    const before = base?.ticks.get(processKey(process))
    if (seconds !== null && before !== undefined && process.ticks >= before)
      return { ...process, cpuPct: share(process.ticks - before, reading.clkTck, seconds), lifetime: false }
    const known = process.ageS !== null && process.ageS > 0
    return {
      ...process,
      cpuPct: known ? share(process.ticks, reading.clkTck, process.ageS ?? 1) : null,
      lifetime: true,
    }
  })
}

const share = (ticks: number, clkTck: number, seconds: number): number => (ticks / clkTck / seconds) * 100

/** The 15 busiest and the 15 largest, each once. */
export const topProcesses = (processes: readonly MeasuredProcess[]): readonly MeasuredProcess[] => {
  const busy = [...processes].sort((a, b) => (b.cpuPct ?? -1) - (a.cpuPct ?? -1)).slice(0, TOP)
  const large = [...processes].sort((a, b) => Number(b.rssBytes - a.rssBytes)).slice(0, TOP)
  return [...new Set([...busy, ...large])]
}
