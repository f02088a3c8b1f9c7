import type { Row } from '../../core/rows.ts'

/** The process whose session something is: the root of its tree. */
export interface ProcessRoot {
  readonly pid: number
  readonly startTicks: number
}

/** The root above a process; null: the process table knew another process by that pid. */
export const rootOf = (
  process: { readonly pid: number; readonly startTicks: number | null },
  processes: readonly Row[],
): ProcessRoot | null => {
  const own = processes.find((row) => row.pid === process.pid && Number(row.start_ticks) === process.startTicks)
  const [pid, startTicks] = [Number(own?.root_pid), Number(own?.root_start_ticks)]
  return Number.isSafeInteger(pid) && Number.isSafeInteger(startTicks) ? { pid, startTicks } : null
}
