// A daemon of its own process over a given configuration, with one collector or all; tells what it cost over one or more
// windows of its life, as one JSON line each.
//   node fleet-child.js CONFIG probe|small|all EVERY_S WARM_S:MEASURED_S [WARM_S:MEASURED_S …]
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { collectors } from '../../src/collectors/index.ts'
import { probe } from '../../src/collectors/probe/index.ts'
import { loadConfig, type MachineConfig } from '../../src/config/index.ts'
import { type Collector, defineCollector } from '../../src/core/collector.ts'
import { silentLog } from '../../src/core/log.ts'
import { rowCount } from '../../src/core/rows.ts'
import { agentBatches } from '../../src/daemon/agents.ts'
import { openCockpit } from '../../src/daemon/cockpit.ts'
import { openOwnerStore } from '../../src/daemon/owner-store.ts'
import { openWays } from '../../src/main-ways.ts'
import { processesStarted } from '../../src/transport/local-process.ts'
import { WorkerPool } from '../../src/transport/workers/pool.ts'
import { pause } from './installed.ts'
import { rssBytes, treeCpuMs } from './processes.ts'

export interface FleetCost {
  readonly wallMs: number
  /** Own CPU and that of children, over the measured time. */
  readonly cpuMs: number
  readonly rssBytes: number
  readonly ticks: number
  readonly ticksMissed: number
  readonly lagP99Ms: number
  /** Collectors of which a run brought rows, and which had a fault, with its words. */
  readonly brought: readonly string[]
  readonly faults: Readonly<Record<string, string>>
  /** By machine: runs that answered, runs that did not, turns missed. */
  readonly machines: Readonly<Record<string, { readonly up: number; readonly down: number; readonly missed: number }>>
}

const interval = (seconds: number) => ({ localS: seconds, remoteS: seconds })

/** One kB of answer, one row: what a fleet costs before any parsing to speak of. */
const small = (seconds: number): Collector =>
  defineCollector({
    name: 'probe',
    version: '1.0.0',
    schemaVersion: 1,
    tables: ['sys_samples'],
    interval: interval(seconds),
    timeoutMs: Math.min(20_000, seconds * 900),
    needs: [],
    about: 'a probe of one kB',
    async collect(ctx) {
      const answer = await ctx.run({ script: '# vc:ask bench.small\nhead -c 1024 /dev/zero | tr "\\000" x\n' })
      if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
      return { batches: [{ table: 'sys_samples', rows: [{ uptime_s: answer.stdout.length }] }] }
    },
  })

const [file = '', kind = 'small', every = '3', ...windows] = process.argv.slice(2)
const seconds = Number(every)
/** The same collector at this pace; it ends before it is due again. */
const paced = ({ remoteTimeoutMs, ...collector }: Collector): Collector => ({
  ...collector,
  interval: interval(seconds),
  timeoutMs: Math.min(remoteTimeoutMs ?? collector.timeoutMs, seconds * 900),
})
const all: readonly Collector[] = collectors
const chosen = kind === 'all' ? all.map(paced) : [kind === 'probe' ? paced(probe) : small(seconds)]
const loaded = await loadConfig(file)
const workers = new WorkerPool({ size: 2 })
const counts = new Map<string, { up: number; down: number }>()
const brought = new Set<string>()
/** Machines of which a run ended, however it ended. */
const seen = new Set<string>()
const faults = new Map<string, string>()
let counting = false
const cockpit = await openCockpit({
  loaded,
  collectors: chosen,
  version: 'bench',
  store: openOwnerStore({ loaded, version: 'bench', log: silentLog }),
  openWays: (current) => {
    const ways = openWays(current)
    return (machine: MachineConfig) => ways.open(machine)
  },
  work: (job, payload) => workers.run(job, payload),
  processesStarted,
  agents: agentBatches,
  log: silentLog,
  onRun(run) {
    seen.add(run.machineId)
    if (run.batches.some((batch) => rowCount(batch) > 0)) brought.add(run.collector)
    if (!counting) return
    if (run.fault !== null) faults.set(run.collector, `${run.machineId}: ${run.fault} ${run.detail ?? ''}`)
    const mine = counts.get(run.machineId) ?? { up: 0, down: 0 }
    counts.set(run.machineId, run.up ? { ...mine, up: mine.up + 1 } : { ...mine, down: mine.down + 1 })
  },
})
const missedOf = (): Map<string, number> => new Map([...cockpit.fleet().lanes].map(([id, lane]) => [id, lane.missed]))
// Children in ticks of 10 ms, our own CPU to the microsecond.
const ownMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const ownTicksMs = (): number => {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
const cpuMs = (): number => ownMs() + Math.max(0, treeCpuMs(process.pid) - ownTicksMs())

const totals = () => ({ cpu: cpuMs(), stats: cockpit.fleet().stats(), missed: missedOf(), at: performance.now() })

/** What the daemon costs over the next so many seconds. */
const measure = async (measuredS: number): Promise<FleetCost> => {
  for (const kept of [counts, brought, faults]) kept.clear()
  const lag = monitorEventLoopDelay({ resolution: 20 })
  lag.enable()
  counting = true
  const before = totals()
  let rss = 0
  for (let left = measuredS; left > 0; left--) {
    await pause(1000)
    rss = Math.max(rss, rssBytes(process.pid))
  }
  const after = totals()
  counting = false
  lag.disable()
  return {
    wallMs: after.at - before.at,
    cpuMs: after.cpu - before.cpu,
    rssBytes: rss,
    ticks: after.stats.ticks - before.stats.ticks,
    ticksMissed: after.stats.ticksMissed - before.stats.ticksMissed,
    brought: [...brought].toSorted(),
    faults: Object.fromEntries(faults),
    lagP99Ms: Math.max(0, lag.percentile(99) / 1e6 - 20),
    machines: Object.fromEntries(
      [...after.missed].map(([id, missed]) => [
        id,
        { ...(counts.get(id) ?? { up: 0, down: 0 }), missed: missed - (before.missed.get(id) ?? 0) },
      ]),
    ),
  }
}

cockpit.start()
for (const window of windows) {
  const [warmS = 0, measuredS = 0] = window.split(':').map(Number)
  await pause(warmS * 1000)
  // A slow machine logs in for longer: what is measured is warm. Bounded, for a fleet of which some never end a run.
  for (let left = warmS; left > 0 && seen.size < cockpit.fleet().lanes.size; left--) await pause(1000)
  process.stdout.write(`${JSON.stringify(await measure(measuredS))}\n`)
}
await cockpit.stop()
await workers.close()
process.exit(0)
