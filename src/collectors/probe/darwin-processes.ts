import { integerOf, textOf } from './decode.ts'
import type { ProcessReading } from './reading.ts'

export interface DarwinClock {
  readonly epochS: number | null
  /** Local time minus UTC; null when the machine did not say. */
  readonly utcOffsetS: number | null
}

/** Rows of the `ps` section. Start times are local text: as identity they stay local, as time they are moved to UTC. */
export const readDarwinProcesses = (
  lines: readonly string[] | undefined,
  clock: DarwinClock,
): readonly ProcessReading[] | null => {
  if (lines === undefined) return null
  const rows = lines
    .filter((line) => /^\d/.test(line))
    .slice(0, 600)
    .flatMap((line) => fromRow(line.split('\t'), clock))
  return [...new Map(rows.map((row) => [row.pid, row])).values()]
}

const fromRow = (fields: readonly string[], clock: DarwinClock): readonly ProcessReading[] => {
  const [pidField, ppidField, stat, tty, lstart, time, , rssKb, comm] = fields
  const [pid, ppid, rss] = [integerOf(pidField), integerOf(ppidField), integerOf(rssKb)]
  const localMs = Date.parse(`${lstart} UTC`)
  const ticks = cpuTicks(time ?? '')
  if (pid === null || ppid === null || rss === null || ticks === null || Number.isNaN(localMs)) return []
  const startedAtMs = clock.utcOffsetS === null ? null : localMs - clock.utcOffsetS * 1000
  return [
    {
      pid,
      ppid,
      state: textOf(stat, 1) ?? '?',
      tty: tty === undefined || tty.startsWith('?') ? null : textOf(tty, 64),
      startTicks: BigInt(Math.floor(localMs / 1000)),
      startedAtMs,
      ticks,
      ageS: clock.epochS === null || startedAtMs === null ? null : clock.epochS - startedAtMs / 1000,
      rssBytes: BigInt(rss) * 1024n,
      threads: null,
      comm: textOf(comm, 64),
    },
  ]
}

// [d-]h:mm:ss.cc or m:ss.cc, where minutes may pass 59
const CPU_TIME = /^(?:(\d{1,6})-)?(?:(\d{1,6}):)?(\d{1,9}):(\d{2})(?:\.(\d{2}))?$/

const cpuTicks = (text: string): number | null => {
  const match = CPU_TIME.exec(text)
  if (!match) return null
  const [days = 0, hours = 0, minutes = 0, seconds = 0, hundredths = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 100 + hundredths
}
