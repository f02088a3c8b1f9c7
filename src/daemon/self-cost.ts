import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Row } from '../core/rows.ts'

/** Running totals that other parts keep; all count up since the start. */
export interface CostCounters {
  readonly processesStarted: number
  readonly bytesReceived: number
  readonly ticks: number
  readonly ticksMissed: number
}

export interface SelfCost {
  /** One row of `self_samples`: what vc itself cost since the sample before. */
  sample(counters: CostCounters, storePath: string): Promise<Row>
  stop(): void
}

const TICKS_PER_S = 100
// The watch itself wakes the process at this pace: finer would cost more than it tells.
const LAG_RESOLUTION_MS = 100

// Ended children are on the parent's account in /proc; elsewhere nobody tells a process cheaply.
const childrenCpuMs = (): number | null => {
  try {
    const text = readFileSync('/proc/self/stat', 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_PER_S
  } catch {
    return null
  }
}

const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const sizeOf = async (path: string): Promise<number | null> => {
  try {
    const [file, wal] = await Promise.all([stat(path), stat(`${path}.wal`).catch(() => null)])
    return file.size + (wal?.size ?? 0)
  } catch {
    return null
  }
}

// A reload begins new counters: what they say by then is what happened since.
const since = (now: number, before: number): number => (now >= before ? now - before : now)

/** vc's own CPU (children apart), memory, processes, bytes, ticks and event-loop lag, as rows like any other. */
export const openSelfCost = (): SelfCost => {
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
  lag.enable()
  let cpuMs = 0
  let childMs = 0
  let last: CostCounters = { processesStarted: 0, bytesReceived: 0, ticks: 0, ticksMissed: 0 }
  return {
    async sample(counters, storePath) {
      const own = ownCpuMs()
      const children = childrenCpuMs()
      const p99 = lag.percentile(99) / 1e6
      lag.reset()
      const row: Row = {
        pid: process.pid,
        uptime_s: process.uptime(),
        cpu_ms: Math.round(own - cpuMs),
        children_cpu_ms: children === null ? null : Math.round(children - childMs),
        rss_bytes: process.memoryUsage.rss(),
        processes_started: since(counters.processesStarted, last.processesStarted),
        bytes_received: since(counters.bytesReceived, last.bytesReceived),
        ticks: since(counters.ticks, last.ticks),
        ticks_missed: since(counters.ticksMissed, last.ticksMissed),
        loop_lag_p99_ms: Number.isFinite(p99) ? Math.max(0, p99 - LAG_RESOLUTION_MS) : null,
        store_bytes: await sizeOf(storePath),
      }
      cpuMs = own
      childMs = children ?? 0
      last = { ...counters }
      return row
    },
    stop: () => lag.disable(),
  }
}
