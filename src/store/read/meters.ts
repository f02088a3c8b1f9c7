/** The meter whose numbers of a machine are shown: the most direct one, as long as it lives. */
const DIRECT = 'probe'

/** So much newer must another meter be before it stands in for the direct one. */
const STAND_IN_MS = 600_000

interface Metered {
  readonly machine_id: string
  readonly source: string
  readonly collected_at: string
}

/** Rows of one meter per machine: numbers of two meters are never mixed, each defines used memory and traffic its own way. */
export const shownMeter = <Row extends Metered>(rows: readonly Row[]): Row[] =>
  [...Map.groupBy(rows, (row) => row.machine_id).values()].flatMap((mine) => {
    const source = meterOf(mine)
    return mine.filter((row) => row.source === source)
  })

const meterOf = (rows: readonly Metered[]): string => {
  const newest = (some: readonly Metered[]): number =>
    some.reduce((best, row) => Math.max(best, Date.parse(row.collected_at)), Number.NEGATIVE_INFINITY)
  const direct = rows.filter(({ source }) => source === DIRECT)
  const other = rows.filter(({ source }) => source !== DIRECT)
  if (direct.length > 0 && newest(other) - newest(direct) <= STAND_IN_MS) return DIRECT
  return (
    other.reduce<Metered | undefined>(
      (best, row) => (best === undefined || row.collected_at > best.collected_at ? row : best),
      undefined,
    )?.source ?? DIRECT
  )
}

interface Process extends Metered {
  readonly pid: number
  readonly start_ticks: number
  readonly nice: number | null
  readonly fd_count: number | null
  readonly io_read_bytes_per_s: number | null
  readonly io_write_bytes_per_s: number | null
}

/** The shown meter's processes, with what another meter alone knows of the same process. */
export const shownProcesses = <Row extends Process>(rows: readonly Row[]): Row[] => {
  const key = ({ machine_id, pid, start_ticks }: Process): string => `${machine_id} ${pid} ${start_ticks}`
  const shown = shownMeter(rows)
  const others = new Map(rows.filter((row) => !shown.includes(row)).map((row) => [key(row), row]))
  return shown.map((row) => {
    const other = others.get(key(row))
    return {
      ...row,
      nice: row.nice ?? other?.nice ?? null,
      fd_count: row.fd_count ?? other?.fd_count ?? null,
      io_read_bytes_per_s: row.io_read_bytes_per_s ?? other?.io_read_bytes_per_s ?? null,
      io_write_bytes_per_s: row.io_write_bytes_per_s ?? other?.io_write_bytes_per_s ?? null,
    }
  })
}
