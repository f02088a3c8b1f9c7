import { type ProbeBase, windowS } from './base.ts'
import type { ProbeReading } from './reading.ts'

/** What changed between two looks, per second of remote uptime. Null wherever there is nothing to compare. */
export interface Deltas {
  readonly windowS: number | null
  readonly cpuPct: number | null
  readonly iowaitPct: number | null
  readonly stealPct: number | null
  readonly oomKills: number | null
  readonly swapInPerS: number | null
  readonly swapOutPerS: number | null
  readonly diskReadPerS: number | null
  readonly diskWrittenPerS: number | null
  readonly netRxPerS: number | null
  readonly netTxPerS: number | null
  /** Microseconds stalled, by `resource:kind`. */
  readonly stallUs: (resource: string, kind: string) => number | null
}

/** Compares a reading with the base. A counter that went back makes its own figure null, never negative. */
export const deltasOf = (base: ProbeBase | null, reading: ProbeReading): Deltas => {
  const seconds = windowS(base, reading)
  const grown = (key: string): bigint | null | 'reset' => {
    const [before, now] = [base?.counters.get(key), reading.counters.get(key)]
    if (seconds === null || before === undefined || now === undefined) return null
    return now < before ? 'reset' : now - before
  }
  const one = (key: string): number | null => {
    const value = grown(key)
    return typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null
  }
  // devices present at both looks; one that appeared in between has no past to be compared with
  const summed = (prefix: string, suffix: string): number | null => {
    const keys = [...reading.counters.keys()].filter((key) => key.startsWith(prefix) && key.endsWith(suffix))
    const parts = keys.map(grown).filter((value) => value !== null)
    if (parts.length === 0 || parts.includes('reset')) return null
    return Number(parts.reduce<bigint>((sum, value) => sum + (value === 'reset' ? 0n : value), 0n))
  }
  const perSecond = (value: number | null): number | null =>
    value === null || seconds === null ? null : value / seconds
  return {
    windowS: seconds,
    ...cpuShares(one),
    oomKills: one('vm:oom_kill'),
    swapInPerS: perSecond(one('vm:pswpin')),
    swapOutPerS: perSecond(one('vm:pswpout')),
    diskReadPerS: perSecond(summed('disk:', ':read_bytes')),
    diskWrittenPerS: perSecond(summed('disk:', ':written_bytes')),
    netRxPerS: perSecond(summed('net:', ':rx_bytes')),
    netTxPerS: perSecond(summed('net:', ':tx_bytes')),
    stallUs: (resource, kind) => one(`psi:${resource}:${kind}`),
  }
}

type CpuShares = Pick<Deltas, 'cpuPct' | 'iowaitPct' | 'stealPct'>

// guest time is already inside user, so it is not added again
const CPU = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const

const cpuShares = (one: (key: string) => number | null): CpuShares => {
  const ticks = CPU.map((field) => one(`cpu:${field}`))
  const total = ticks.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0)
  if (total === null || total <= 0) return { cpuPct: null, iowaitPct: null, stealPct: null }
  const share = (at: number): number => ((ticks[at] ?? 0) / total) * 100
  return { cpuPct: 100 - share(3) - share(4), iowaitPct: share(4), stealPct: share(7) }
}
