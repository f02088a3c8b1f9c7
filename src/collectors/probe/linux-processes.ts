import { counterOf, integerOf, textOf } from './decode.ts'
import type { ProcessReading } from './reading.ts'

const MAX_ROWS = 600
const MAX_TICKS = 2n ** 53n
const MAX_RSS_KB = 2n ** 43n

export interface LinuxClock {
  readonly uptimeS: number | null
  readonly clkTck: number
  /** Epoch seconds of the boot. */
  readonly bootedS: number | null
}

/** Rows of the `proc` section; a row with a field that is no number is dropped. */
export const readLinuxProcesses = (
  lines: readonly string[] | undefined,
  clock: LinuxClock,
): readonly ProcessReading[] | null => {
  if (lines === undefined) return null
  const byPid = new Map<number, ProcessReading>()
  for (const line of lines.filter((one) => /^\d/.test(one)).slice(0, MAX_ROWS)) {
    const row = fromRow(line.split('\t'), clock)
    if (row !== null) byPid.set(row.pid, row)
  }
  return [...byPid.values()]
}

const fromRow = (fields: readonly string[], clock: LinuxClock): ProcessReading | null => {
  const [pid, ppid, state, tty, start, ticks, rssKb, threads, comm] = fields
  const numbers = { pid: integerOf(pid), ppid: integerOf(ppid) }
  const [startTicks, used, rss] = [counterOf(start), counterOf(ticks), counterOf(rssKb)]
  if (numbers.pid === null || numbers.ppid === null || startTicks === null || used === null || rss === null) return null
  if (startTicks > MAX_TICKS || used > MAX_TICKS || rss > MAX_RSS_KB) return null
  const startS = Number(startTicks) / clock.clkTck
  return {
    pid: numbers.pid,
    ppid: numbers.ppid,
    state: textOf(state, 4) ?? '?',
    tty: ttyName(integerOf(tty)),
    startTicks,
    startedAtMs: clock.bootedS === null ? null : Math.round((clock.bootedS + startS) * 1000),
    ticks: Number(used),
    ageS: clock.uptimeS === null ? null : clock.uptimeS - startS,
    rssBytes: rss * 1024n,
    threads: integerOf(threads),
    comm: textOf(comm, 64),
  }
}

/** The kernel's tty device number as tmux and ps name it: `pts/0`, `tty1`; null for none or an unknown driver. */
export const ttyName = (device: number | null): string | null => {
  if (device === null || device === 0) return null
  const bits = device >>> 0
  const major = (bits >>> 8) & 0xfff
  const minor = (bits & 0xff) | ((bits >>> 12) & 0xfff00)
  if (major >= 136 && major <= 143) return `pts/${minor + 256 * (major - 136)}`
  return major === 4 ? `tty${minor}` : null
}
