// What a process and all its children cost, as Linux keeps it in /proc.
import { readdirSync, readFileSync } from 'node:fs'

const MS_PER_TICK = 10

interface Stat {
  readonly pid: number
  readonly parent: number
  /** Own CPU and that of children that ended and were waited for. */
  readonly cpuMs: number
}

const statOf = (pid: number): Stat | null => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0)
    return { pid, parent: Number(fields[1]), cpuMs: ticks * MS_PER_TICK }
  } catch {
    return null
  }
}

/** Every process now, by pid. */
const allStats = (): Map<number, Stat> => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Map(pids.flatMap((name) => statOf(Number(name)) ?? []).map((stat) => [stat.pid, stat]))
}

/** CPU of a process, its ended children and its living descendants so far, in ms (in steps of 10). */
export const treeCpuMs = (root: number): number => {
  const all = allStats()
  const inTree = (stat: Stat): boolean => {
    for (let at: Stat | undefined = stat; at !== undefined; at = all.get(at.parent)) if (at.pid === root) return true
    return false
  }
  return [...all.values()].filter(inTree).reduce((sum, stat) => sum + stat.cpuMs, 0)
}

/**
 * CPU of all processes whose command line holds `mark`: masters and others that left our process tree. To the
 * microsecond where the kernel keeps schedstat: of 200 masters, each of which cost less than a tick, ticks tell nothing.
 */
export const namedCpuMs = (mark: string): number =>
  [...allStats().values()]
    .filter(({ pid }) => pid !== process.pid && commandLine(pid).includes(mark))
    .reduce((sum, stat) => sum + (exactCpuMs(stat.pid) ?? stat.cpuMs), 0)

/** CPU of the threads a process has now, without ended threads and children: masters have none. Null where the kernel does not say. */
const exactCpuMs = (pid: number): number | null => {
  try {
    const ranNs = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    )
    return ranNs.reduce((sum, ns) => sum + ns, 0) / 1e6
  } catch {
    return null
  }
}

const commandLine = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Resident memory in bytes; 0 when it is gone. */
export const rssBytes = (pid: number): number => {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

/** Watches which children a process starts, by looking often; short-lived ones between two looks stay unseen. */
export const startedBelow = (root: number): { stop(): { readonly moments: number; readonly seconds: number } } => {
  const from = performance.now()
  const seen = new Set<number>()
  const moments: number[] = []
  const look = (): void => {
    for (const pid of childrenOf(root)) {
      if (seen.has(pid)) continue
      seen.add(pid)
      const now = performance.now()
      // What starts within one second belongs to one tick.
      if (now - (moments.at(-1) ?? Number.NEGATIVE_INFINITY) > 1000) moments.push(now)
    }
  }
  const timer = setInterval(look, 20)
  return {
    stop() {
      clearInterval(timer)
      return { moments: moments.length, seconds: Math.round((performance.now() - from) / 1000) }
    },
  }
}

const childrenOf = (root: number): readonly number[] => {
  try {
    return readFileSync(`/proc/${root}/task/${root}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
