import { bytesOf, counterOf, integerOf, numberOf, pathOf, textOf } from './decode.ts'
import { readLinuxProcesses } from './linux-processes.ts'
import { type ProbeText, pairsOf, wordsOf } from './parse.ts'
import { readAgents } from './read-agents.ts'
import { readTools } from './read-tools.ts'
import type { Filesystem, Pressure, ProbeReading, SystemReading } from './reading.ts'

const CPU_FIELDS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const
const SECTOR_BYTES = 512n
const MAX_MOUNTS = 60

/** Linux sections of format 1 as one reading. */
export const readLinux = (probe: ProbeText): Omit<ProbeReading, 'unreadableRows'> => {
  const sys = pairsOf(probe.sections.get('sys'))
  const cpu = wordsOf(probe.sections.get('cpu'))
  const mem = wordsOf(probe.sections.get('mem'))
  const uptimeS = numberOf(sys.get('uptime_s'))
  const clkTck = numberOf(sys.get('clk_tck')) ?? 100
  const bootedS = numberOf(cpu.get('btime'))
  return {
    os: probe.os,
    facts: {
      hostname: textOf(sys.get('hostname')),
      os: probe.os,
      osVersion: osVersion(probe.head),
      kernel: textOf(probe.head.get('kernel')),
      bootId: textOf(sys.get('boot_id'), 64),
      cores: integerOf(cpu.get('cores')),
    },
    epochS: numberOf(probe.head.get('epoch')),
    uptimeS,
    clkTck: clkTck > 0 ? clkTck : 100,
    bootedS,
    system: systemOf(probe, sys, cpu, mem),
    counters: countersOf(probe, cpu, mem),
    filesystems: filesystemsOf(probe.sections.get('fs')),
    pressure: pressureOf(probe.sections.get('psi')),
    processes: readLinuxProcesses(probe.sections.get('proc'), { uptimeS, clkTck: clkTck > 0 ? clkTck : 100, bootedS }),
    agents: readAgents(probe.sections.get('agent')),
    tools: readTools(probe.sections),
    partial: probe.partial,
    tookS: probe.tookS,
  }
}

type Words = ReadonlyMap<string, string>

const osVersion = (head: Words): string | null =>
  [textOf(head.get('os_id')), textOf(head.get('os_version'))].filter(Boolean).join(' ') || null

const kilobytes = (mem: Words, name: string): bigint | null => {
  const value = counterOf(mem.get(name)?.replace(/ kB$/, ''))
  return value === null ? null : bytesOf(value * 1024n)
}

const systemOf = (probe: ProbeText, sys: Words, cpu: Words, mem: Words): SystemReading => {
  const load = (sys.get('loadavg') ?? '').split(' ')
  const swapTotal = kilobytes(mem, 'SwapTotal')
  const swapFree = kilobytes(mem, 'SwapFree')
  const gpus = probe.sections.get('gpusys') ?? []
  return {
    cpuDecayedPct: null,
    load: [numberOf(load[0]), numberOf(load[1]), numberOf(load[2])],
    procsRunning: integerOf(cpu.get('procs_running')),
    procsBlocked: integerOf(cpu.get('procs_blocked')),
    procsTotal: integerOf(/\tuser=(\d+)/.exec(probe.sections.get('proc')?.[0] ?? '')?.[1]),
    memTotalBytes: kilobytes(mem, 'MemTotal'),
    memAvailableBytes: kilobytes(mem, 'MemAvailable'),
    swapTotalBytes: swapTotal,
    swapUsedBytes: swapTotal === null || swapFree === null || swapFree > swapTotal ? null : swapTotal - swapFree,
    cgroupMaxBytes: bytesOf(counterOf(mem.get('cgroup_memory_max'))),
    cgroupUsedBytes: bytesOf(counterOf(mem.get('cgroup_memory_current'))),
    tempCpuCelsius: hottestCpu(probe.sections.get('temp') ?? []),
    gpuPct: highest(gpus.map((line) => line.split('\t')).map((row) => (row.length > 2 ? numberOf(row[1]) : null))),
    nvidia: gpus.includes('nvidia\tpresent'),
    inotifyMaxWatches: bytesOf(counterOf(sys.get('inotify_max_user_watches'))),
    inotifyMaxInstances: bytesOf(counterOf(sys.get('inotify_max_user_instances'))),
    rebootRequired: probe.head.has('kernel') ? probe.head.get('reboot_required') === '1' : null,
  }
}

/** The largest of the known values; null when none is known. */
export const highest = (values: readonly (number | null)[]): number | null =>
  values.reduce((best, value) => (value !== null && (best === null || value > best) ? value : best), null)

const CPU_SENSOR = /cpu|core|pkg|k10temp|zenpower|tctl|soc/i

// A thermal zone may also be a battery or the mainboard; a reading beyond -50..150 °C is a broken sensor.
const hottestCpu = (lines: readonly string[]): number | null => {
  const milli = lines.map((line) => line.split('\t')).filter(([name]) => CPU_SENSOR.test(name ?? ''))
  const celsius = milli.map(([, value]) => numberOf(value)).map((value) => (value === null ? null : value / 1000))
  return highest(celsius.filter((value) => value !== null && value > -50 && value < 150))
}

const countersOf = (probe: ProbeText, cpu: Words, mem: Words): ReadonlyMap<string, bigint> => {
  const counters = new Map<string, bigint>()
  const keep = (name: string, value: bigint | null): void => void (value !== null && counters.set(name, value))
  const ticks = (cpu.get('cpu') ?? '').split(' ')
  CPU_FIELDS.forEach((field, at) => void keep(`cpu:${field}`, counterOf(ticks[at])))
  for (const name of ['oom_kill', 'pswpin', 'pswpout']) keep(`vm:${name}`, counterOf(mem.get(name)))
  for (const line of probe.sections.get('psi') ?? []) {
    const match = /^(cpu|memory|io) (some|full) .*total=(\d+)$/.exec(line)
    if (match) keep(`psi:${match[1]}:${match[2]}`, counterOf(match[3]))
  }
  for (const line of (probe.sections.get('disk') ?? []).slice(0, 256)) {
    const [name = '', , read, , written] = line.split('\t')
    // dm- and md devices stand on the disks below them: counting both would count every byte twice
    if (/^(dm-|md\d)/.test(name)) continue
    keep(`disk:${name}:read_bytes`, sectors(read))
    keep(`disk:${name}:written_bytes`, sectors(written))
  }
  for (const [name = '', , rx, tx] of interfaces(probe.sections.get('net') ?? [])) {
    keep(`net:${name}:rx_bytes`, counterOf(rx))
    keep(`net:${name}:tx_bytes`, counterOf(tx))
  }
  return counters
}

const sectors = (field: string | undefined): bigint | null => {
  const count = counterOf(field)
  return count === null ? null : count * SECTOR_BYTES
}

// Physical interfaces where there are any; a container has none and gets all it sees.
const interfaces = (lines: readonly string[]): readonly string[][] => {
  const rows = lines.slice(0, 256).map((line) => line.split('\t'))
  const physical = rows.filter((row) => row[1] === '1')
  return physical.length > 0 ? physical : rows
}

const filesystemsOf = (lines: readonly string[] | undefined): readonly Filesystem[] | null => {
  if (lines === undefined) return null
  const fallback = lines.indexOf('df')
  const rows = fallback >= 0 ? lines.slice(fallback + 1).map(fromDf) : lines.map(fromStat)
  const known = rows.filter((row) => row !== null)
  return [...new Map(known.map((row) => [row.mount, row])).values()].slice(0, MAX_MOUNTS)
}

const fromStat = (line: string): Filesystem | null => {
  const [type, ...rest] = line.split('\t')
  const [size, blocks, free, avail, inodes, inodesFree] = rest.slice(0, 6).map(counterOf)
  const mount = pathOf(rest.slice(6).join('\t'))
  if (size == null || blocks == null || free == null || avail == null || mount === null || free > blocks) return null
  const [sizeBytes, usedBytes, availBytes] = [blocks * size, (blocks - free) * size, avail * size]
  if (bytesOf(sizeBytes) === null || bytesOf(availBytes) === null) return null
  const hasInodes = inodes != null && inodes > 0n
  return {
    mount,
    type: textOf(type, 64),
    sizeBytes,
    usedBytes,
    availBytes,
    inodesTotal: hasInodes ? bytesOf(inodes) : null,
    inodesFree: hasInodes ? bytesOf(inodesFree ?? null) : null,
  }
}

const DF_LINE = /\s(\d{1,15})\s+(\d{1,15})\s+(-?\d{1,15})\s+\d+%\s+(\/.*)$/

const fromDf = (line: string): Filesystem | null => {
  const match = DF_LINE.exec(line)
  const [, blocks, used, avail, mount] = match ?? []
  if (blocks === undefined || used === undefined || avail === undefined || mount === undefined) return null
  const availKb = BigInt(avail)
  return {
    mount,
    type: null,
    sizeBytes: BigInt(blocks) * 1024n,
    usedBytes: BigInt(used) * 1024n,
    availBytes: (availKb < 0n ? 0n : availKb) * 1024n,
    inodesTotal: null,
    inodesFree: null,
  }
}

const pressureOf = (lines: readonly string[] | undefined): readonly Pressure[] =>
  (lines ?? []).slice(0, 12).flatMap((line) => {
    const match = /^(cpu|memory|io) (some|full) avg10=(\S+) avg60=(\S+) avg300=(\S+)/.exec(line)
    if (!match) return []
    const [, resource = '', kind = '', avg10, avg60, avg300] = match
    return [{ resource, kind, avg10Pct: numberOf(avg10), avg60Pct: numberOf(avg60), avg300Pct: numberOf(avg300) }]
  })
