/** What a line of /proc/PID/stat says of who the process is. */
export interface ProcStat {
  readonly pid: number
  readonly comm: string
  readonly startTicks: number
}

/** Null where the line is none. The name may hold blanks and brackets of its own. */
const parseProcStat = (line: string): ProcStat | null => {
  const open = line.indexOf(' (')
  const close = line.lastIndexOf(') ')
  if (open < 1 || close < open) return null
  const pid = Number(line.slice(0, open))
  const startTicks = Number(line.slice(close + 2).split(' ')[19])
  return Number.isSafeInteger(pid) && pid > 0 && pid <= 2_147_483_647 && Number.isSafeInteger(startTicks)
    ? { pid, comm: line.slice(open + 2, close), startTicks }
    : null
}

/** Lines of a script that begin with the word `proc`, by pid. */
export const procStats = (lines: readonly string[]): ReadonlyMap<number, ProcStat> =>
  new Map(
    lines.flatMap((line) => {
      const stat = line.startsWith('proc\t') ? parseProcStat(line.slice(5)) : null
      return stat === null ? [] : [[stat.pid, stat] as const]
    }),
  )
