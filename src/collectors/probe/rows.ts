import type { Row, RowBatch } from '../../core/rows.ts'
import { dateOf } from '../row-cells.ts'
import { type AgentProcess, collapseAgents, sumTrees } from './agent-trees.ts'
import { type ProbeBase, steadyBoot } from './base.ts'
import { ownText } from './decode.ts'
import { type Deltas, deltasOf } from './deltas.ts'
import { type MeasuredProcess, measureProcesses, topProcesses } from './processes.ts'
import type { Filesystem, ProbeReading } from './reading.ts'

/** What the collector measured around the probe. */
export interface ProbeAround {
  /** Remote clock minus vc's, at the middle of the exchange. */
  readonly clockSkewMs: number | null
  /** Utilisation from the gpu lane, where that ran. */
  readonly gpuPct: number | null
}

/** All rows of one reading except tool capabilities. Sections that did not arrive give no batch, so their picture stays. */
export const probeBatches = (
  reading: ProbeReading,
  base: ProbeBase | null,
  around: ProbeAround,
): readonly RowBatch[] => {
  const deltas = deltasOf(base, reading)
  const processes = measureProcesses(base, reading)
  const batches: RowBatch[] = [{ table: 'sys_samples', rows: [sampleRow(reading, deltas, around)] }]
  if (reading.filesystems !== null)
    batches.push({ table: 'sys_filesystems', rows: reading.filesystems.map(filesystemRow) })
  if (reading.pressure.length > 0) batches.push({ table: 'sys_pressure', rows: pressureRows(reading, deltas) })
  if (reading.processes === null) return batches
  batches.push({ table: 'sys_top_processes', rows: topProcesses(processes).map(topRow) })
  if (reading.agents === null) return batches
  const agents = collapseAgents(reading.agents, processes)
  const shiftMs = bootShiftMs(base, reading)
  const bootId = reading.facts.bootId
  batches.push({ table: 'agent_processes', rows: agents.map((agent) => agentRow(agent, bootId, shiftMs)) })
  batches.push({ table: 'agent_process_samples', rows: treeRows(agents, processes, bootId) })
  return batches
}

const bootShiftMs = (base: ProbeBase | null, reading: ProbeReading): number => {
  const steady = steadyBoot(base, reading)
  return steady === null || reading.bootedS === null ? 0 : (steady - reading.bootedS) * 1000
}

const sampleRow = (reading: ProbeReading, deltas: Deltas, around: ProbeAround): Row => {
  const { system, facts } = reading
  const decayed = system.cpuDecayedPct !== null
  const gpus = [system.gpuPct, around.gpuPct].filter((value) => value !== null)
  return {
    boot_id: facts.bootId,
    uptime_s: reading.uptimeS,
    cpu_pct: system.cpuDecayedPct ?? deltas.cpuPct,
    iowait_pct: deltas.iowaitPct,
    steal_pct: deltas.stealPct,
    cpu_decayed: decayed,
    cores: facts.cores,
    load1: system.load[0],
    load5: system.load[1],
    load15: system.load[2],
    procs_running: system.procsRunning,
    procs_blocked: system.procsBlocked,
    procs_total: system.procsTotal,
    ...memoryColumns(reading),
    swap_in_pages_per_s: deltas.swapInPerS,
    swap_out_pages_per_s: deltas.swapOutPerS,
    oom_kills: deltas.oomKills,
    disk_read_bytes_per_s: deltas.diskReadPerS,
    disk_write_bytes_per_s: deltas.diskWrittenPerS,
    net_rx_bytes_per_s: deltas.netRxPerS,
    net_tx_bytes_per_s: deltas.netTxPerS,
    temp_cpu_celsius: system.tempCpuCelsius,
    gpu_pct: gpus.length === 0 ? null : Math.max(...gpus),
    inotify_max_watches: system.inotifyMaxWatches,
    inotify_max_instances: system.inotifyMaxInstances,
    reboot_required: system.rebootRequired,
    clock_skew_ms: around.clockSkewMs,
    probe_duration_s: reading.tookS,
    partial: reading.partial,
  }
}

const memoryColumns = ({ system }: ProbeReading): Row => {
  const { memTotalBytes: total, memAvailableBytes: available } = system
  return {
    mem_total_bytes: total,
    mem_used_bytes: total === null || available === null || available > total ? null : total - available,
    mem_available_bytes: available,
    swap_total_bytes: system.swapTotalBytes,
    swap_used_bytes: system.swapUsedBytes,
    cgroup_memory_max_bytes: system.cgroupMaxBytes,
    cgroup_memory_used_bytes: system.cgroupUsedBytes,
  }
}

const filesystemRow = (fs: Filesystem): Row => {
  // as df counts: blocks reserved for root are neither used nor available
  const usable = fs.usedBytes + fs.availBytes
  return {
    mount: ownText(fs.mount),
    fs_type: fs.type,
    size_bytes: fs.sizeBytes,
    used_bytes: fs.usedBytes,
    avail_bytes: fs.availBytes,
    used_pct: usable === 0n ? null : (Number(fs.usedBytes) / Number(usable)) * 100,
    inodes_total: fs.inodesTotal,
    inodes_free: fs.inodesFree,
  }
}

const pressureRows = (reading: ProbeReading, deltas: Deltas): readonly Row[] =>
  reading.pressure.map((row) => ({
    resource: row.resource,
    kind: row.kind,
    avg10_pct: row.avg10Pct,
    avg60_pct: row.avg60Pct,
    avg300_pct: row.avg300Pct,
    stall_us: deltas.stallUs(row.resource, row.kind),
  }))

const topRow = (process: MeasuredProcess): Row => ({
  pid: process.pid,
  start_ticks: process.startTicks,
  ppid: process.ppid,
  state: process.state,
  comm: process.comm,
  cpu_pct: process.cpuPct,
  cpu_lifetime: process.lifetime,
  mem_bytes: process.rssBytes,
  threads: process.threads,
})

const agentRow = (
  { agent, process, root, cli, detached }: AgentProcess,
  bootId: string | null,
  shiftMs: number,
): Row => ({
  boot_id: bootId,
  pid: process.pid,
  start_ticks: process.startTicks,
  root_pid: root.pid,
  root_start_ticks: root.startTicks,
  cli,
  how: agent.how,
  argv0: agent.argv0,
  script: agent.script,
  flags: agent.flags,
  tty: process.tty,
  state: process.state,
  cwd: agent.cwd,
  started_at: process.startedAtMs === null ? null : dateOf(process.startedAtMs + shiftMs),
  ppid: process.ppid,
  detached,
  gone: false,
})

const treeRows = (
  agents: readonly AgentProcess[],
  processes: readonly MeasuredProcess[],
  bootId: string | null,
): readonly Row[] =>
  sumTrees(agents, processes).map((tree) => ({
    boot_id: bootId,
    root_pid: tree.root.pid,
    root_start_ticks: tree.root.startTicks,
    cli: tree.cli,
    processes: tree.processes,
    cpu_pct: tree.cpuPct,
    cpu_lifetime: tree.lifetime,
    rss_bytes: tree.rssBytes,
  }))
