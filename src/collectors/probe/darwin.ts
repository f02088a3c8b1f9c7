import { readDarwinProcesses } from './darwin-processes.ts'
import { bytesOf, counterOf, integerOf, numberOf, textOf } from './decode.ts'
import { type ProbeText, pairsOf, wordsOf } from './parse.ts'
import { readAgents } from './read-agents.ts'
import { readTools } from './read-tools.ts'
import type { Filesystem, ProbeReading, SystemReading } from './reading.ts'

type Words = ReadonlyMap<string, string>

/** Darwin sections of format 1 as one reading. CPU has no counter there: it is `ps`'s decaying average, and says so. */
export const readDarwin = (probe: ProbeText): Omit<ProbeReading, 'unreadableRows'> => {
  const sysctl = wordsOf(probe.sections.get('sysctl'))
  const vm = vmStat(probe.sections.get('vm_stat'))
  const epochS = numberOf(probe.head.get('epoch'))
  const boot = bootTime(sysctl.get('kern.boottime'))
  const cores = integerOf(sysctl.get('hw.activecpu')) ?? integerOf(sysctl.get('hw.ncpu'))
  return {
    os: probe.os,
    facts: {
      hostname: textOf(pairsOf(probe.sections.get('sys')).get('hostname')),
      os: probe.os,
      osVersion: textOf(sysctl.get('kern.osproductversion')),
      kernel: textOf(probe.head.get('kernel')),
      bootId: textOf(sysctl.get('kern.bootsessionuuid'), 64),
      cores,
    },
    epochS,
    uptimeS: epochS === null || boot === null ? null : epochS - boot.epochS,
    clkTck: 100,
    bootedS: null,
    system: systemOf(probe, sysctl, vm, cores),
    counters: countersOf(probe, vm),
    filesystems: filesystemsOf(probe.sections.get('df')),
    pressure: [],
    processes: readDarwinProcesses(probe.sections.get('ps'), { epochS, utcOffsetS: boot?.utcOffsetS ?? null }),
    agents: readAgents(probe.sections.get('agent')),
    tools: readTools(probe.sections),
    partial: probe.partial,
    tookS: probe.tookS,
  }
}

// The line holds the boot time twice, as epoch and as local text: their distance is the machine's offset from UTC.
const bootTime = (text: string | undefined): { epochS: number; utcOffsetS: number | null } | null => {
  const match = /\{ sec = (\d{1,12}), usec = (\d{1,6}) \}\s*(.*)$/.exec(text ?? '')
  if (!match) return null
  const wholeS = Number(match[1])
  const localMs = Date.parse(`${match[3]} UTC`)
  const offset = Number.isNaN(localMs) ? null : Math.round((localMs / 1000 - wholeS) / 900) * 900
  return { epochS: wholeS + Number(match[2]) / 1e6, utcOffsetS: offset }
}

const vmStat = (lines: readonly string[] | undefined): Words => {
  const words = new Map<string, string>()
  for (const line of lines ?? []) {
    const match = /^"?([^":]+)"?:\s+(\d+)\.?$/.exec(line)
    if (match?.[1] && match[2]) words.set(match[1], match[2])
  }
  return words
}

const FREE_PAGES = ['Pages free', 'Pages inactive', 'Pages speculative', 'Pages purgeable']

const systemOf = (probe: ProbeText, sysctl: Words, vm: Words, cores: number | null): SystemReading => {
  const load = (sysctl.get('vm.loadavg') ?? '').replace(/[{}]/g, '').trim().split(/\s+/)
  const pageSize = counterOf(sysctl.get('hw.pagesize'))
  const free = FREE_PAGES.map((name) => counterOf(vm.get(name))).filter((pages) => pages !== null)
  const swap = sysctl.get('vm.swapusage') ?? ''
  const totals = /^#\ttotal=(\d+)\tpcpu_sum=(\d+(?:\.\d+)?)/m.exec((probe.sections.get('ps') ?? []).join('\n'))
  const pcpuSum = numberOf(totals?.[2])
  return {
    cpuDecayedPct: pcpuSum === null || cores === null || cores < 1 ? null : Math.min(100, pcpuSum / cores),
    load: [numberOf(load[0]), numberOf(load[1]), numberOf(load[2])],
    procsRunning: null,
    procsBlocked: null,
    procsTotal: integerOf(totals?.[1]),
    memTotalBytes: bytesOf(counterOf(sysctl.get('hw.memsize'))),
    memAvailableBytes:
      pageSize === null || free.length < FREE_PAGES.length
        ? null
        : bytesOf(free.reduce((sum, pages) => sum + pages, 0n) * pageSize),
    swapTotalBytes: swapBytes(swap, 'total'),
    swapUsedBytes: swapBytes(swap, 'used'),
    cgroupMaxBytes: null,
    cgroupUsedBytes: null,
    tempCpuCelsius: null,
    gpuPct: null,
    nvidia: false,
    inotifyMaxWatches: null,
    inotifyMaxInstances: null,
    rebootRequired: null,
  }
}

const UNIT: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

const swapBytes = (text: string, name: string): bigint | null => {
  const match = new RegExp(`${name} = (\\d{1,12}(?:\\.\\d{1,6})?)([KMG])`).exec(text)
  const unit = UNIT[match?.[2] ?? '']
  return match && unit !== undefined ? bytesOf(BigInt(Math.round(Number(match[1]) * unit))) : null
}

// iostat gives one total of reads and writes per disk, so neither can be told: only the network and paging are counted.
const countersOf = (probe: ProbeText, vm: Words): ReadonlyMap<string, bigint> => {
  const counters = new Map<string, bigint>()
  const keep = (name: string, value: bigint | null): void => void (value !== null && counters.set(name, value))
  keep('vm:pswpin', counterOf(vm.get('Swapins')))
  keep('vm:pswpout', counterOf(vm.get('Swapouts')))
  for (const line of (probe.sections.get('netstat') ?? []).slice(0, 256)) {
    // the address column may be missing: …, ipkts ierrs ibytes opkts oerrs obytes coll, counted from the right
    const columns = line.trim().split(/\s+/)
    const name = columns[0] ?? ''
    if (!/^en\d+$/.test(name) || columns.length < 10) continue
    keep(`net:${name}:rx_bytes`, counterOf(columns.at(-5)))
    keep(`net:${name}:tx_bytes`, counterOf(columns.at(-2)))
  }
  return counters
}

const DF = /\s(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+\d+%\s+(\d{1,15})\s+(\d{1,15})\s+\S+\s+(\/.*)$/

const filesystemsOf = (lines: readonly string[] | undefined): readonly Filesystem[] | null => {
  if (lines === undefined) return null
  const rows = lines.flatMap((line): readonly Filesystem[] => {
    const [, blocks, used, avail, inodesUsed, inodesFree, mount] = DF.exec(line) ?? []
    if (!blocks || !used || !avail || !inodesUsed || !inodesFree || mount === undefined) return []
    const free = BigInt(inodesFree)
    return [
      {
        mount,
        type: null,
        sizeBytes: BigInt(blocks) * 1024n,
        usedBytes: BigInt(used) * 1024n,
        availBytes: BigInt(avail) * 1024n,
        inodesTotal: BigInt(inodesUsed) + free,
        inodesFree: free,
      },
    ]
  })
  return [...new Map(rows.map((row) => [row.mount, row])).values()].slice(0, 60)
}
