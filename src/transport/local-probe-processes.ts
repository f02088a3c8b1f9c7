import { setImmediate } from 'node:timers/promises'
import { encoded, firstLine, namesIn, readKernel } from './local-files.ts'
import type { Clock } from './local-probe-system.ts'

/** One user process as `/proc/<pid>/stat` tells it. */
interface Process {
  readonly pid: string
  readonly parent: string
  readonly ticks: number
  readonly rssKb: number
  /** Zombie or in disk sleep. */
  readonly stuck: boolean
  readonly line: string
}

/** Other work gets its turn between so many processes. */
const PER_TURN = 64
const MOST_ROWS = 250

interface Counted {
  readonly processes: Process[]
  readonly states: Map<string, number>
  threads: number
  kernel: number
  kernelTicks: number
}

/** False for threads of the kernel and what is no stat line: they have no command line either. */
const count = (all: Counted, pid: string, stat: string, { pageBytes }: Clock): boolean => {
  // The name may hold anything, brackets too: it ends at the last one.
  const [open, close] = [stat.indexOf('('), stat.lastIndexOf(')')]
  if (open < 0 || close < open) return false
  const fields = stat.slice(close + 2).split(' ')
  const [state = '?', parent = '0'] = fields
  const [tty, threads, start] = [fields[4], Number(fields[17]), fields[19]]
  const ticks = Number(fields[11]) + Number(fields[12])
  all.states.set(state, (all.states.get(state) ?? 0) + 1)
  all.threads += threads
  if (fields[20] === '0' && state !== 'Z') {
    all.kernel += 1
    all.kernelTicks += ticks
    return false
  }
  const rssKb = Math.trunc((Number(fields[21]) * pageBytes) / 1024)
  const name = encoded(stat.slice(open + 1, close))
  const line = [pid, parent, state, tty, start, ticks, rssKb, threads, name].join('\t')
  all.processes.push({ pid, parent, ticks, rssKb, stuck: state === 'Z' || state === 'D', line })
  return true
}

/** Processes of agents and their parents: else a small shell between two of them would break the chain. */
const withParents = (processes: readonly Process[], agents: ReadonlySet<string>): ReadonlySet<string> => {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const wanted = new Set(agents)
  for (const agent of agents) {
    let at = parents.get(agent)
    while (at !== undefined && Number(at) > 1 && !wanted.has(at)) {
      wanted.add(at)
      at = parents.get(at)
    }
  }
  return wanted
}

/** The `proc` section: counts of all, rows of the busy, the big, the stuck and the wanted. */
const section = (all: Counted, wanted: ReadonlySet<string>, clock: Clock): readonly string[] => {
  let minTicks = clock.ticksPerS
  let minRssKb = 16_384
  const shows = (one: Process): boolean =>
    one.ticks >= minTicks || one.rssKb >= minRssKb || one.stuck || wanted.has(one.pid)
  let shown = all.processes.filter(shows)
  while (shown.length > MOST_ROWS && minTicks < 1e12) {
    minTicks *= 3
    minRssKb *= 3
    shown = all.processes.filter(shows)
  }
  const states = [...all.states].map(([state, times]) => `${state}=${times}`).join(' ')
  const head = {
    user: all.processes.length,
    kernel: all.kernel,
    kernel_ticks: all.kernelTicks,
    threads: all.threads,
    min_ticks: minTicks,
    min_rss_kb: minRssKb,
    shown: shown.length,
    states,
  }
  const words = Object.entries(head).map(([key, value]) => `${key}=${value}`)
  return [
    ['#', ...words].join('\t'),
    ...shown.slice(0, 500).map(({ line }) => line),
    `end_uptime\t${firstLine('/proc/uptime')}`,
  ]
}

export interface ProcessLook {
  readonly lines: readonly string[]
  /** First arguments of processes that may be agents, by pid. */
  readonly candidates: ReadonlyMap<string, readonly string[]>
}

/** Reads every process once. `mayBeAgent` sees one argument at a time. */
export const lookAtProcesses = async (clock: Clock, mayBeAgent: (arg: string) => boolean): Promise<ProcessLook> => {
  const all: Counted = { processes: [], states: new Map(), threads: 0, kernel: 0, kernelTicks: 0 }
  const candidates = new Map<string, readonly string[]>()
  const pids = namesIn('/proc').filter((name) => /^\d+$/.test(name))
  for (const [index, pid] of pids.entries()) {
    if (index % PER_TURN === PER_TURN - 1) await setImmediate()
    const stat = readKernel(`/proc/${pid}/stat`)
    if (stat === '' || !count(all, pid, stat, clock)) continue
    const args = readKernel(`/proc/${pid}/cmdline`).replace(/\0$/, '').split('\0')
    if (args.some(mayBeAgent)) candidates.set(pid, args.slice(0, 4))
  }
  return { lines: section(all, withParents(all.processes, new Set(candidates.keys())), clock), candidates }
}
