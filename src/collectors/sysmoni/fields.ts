import type { Row } from '../../core/rows.ts'
import { foreignInteger, foreignMeasure, foreignText } from '../foreign-cells.ts'
import type { ProcStat } from '../proc-stat.ts'

export interface Sample {
  readonly schema: 'go' | 'legacy'
  readonly sample: Row
  readonly processes: readonly Row[]
}

export type Raw = Readonly<Record<string, unknown>>

const MIB = 1_048_576
const BYTES_PER_MBIT = 125_000
// Counters that were reset come out as differences of unsigned numbers: no disk or network is that fast.
const FASTEST_MIB_S = 1_000_000
const FASTEST_MBIT_S = 10_000_000

export interface Around {
  readonly boot_id: string | null
  readonly uptime_s: number | null
  readonly stats: ReadonlyMap<number, ProcStat>
  /** The first sample of a run: its differences are to nothing. */
  readonly fresh: boolean
}

export const objectOf = (value: unknown): Raw | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : null

export const part = (raw: Raw, name: string): Raw => objectOf(raw[name]) ?? {}

export const list = (raw: Raw, name: string): readonly Raw[] => {
  const value = raw[name]
  return Array.isArray(value)
    ? value
        .slice(0, 200)
        .map(objectOf)
        .filter((one) => one !== null)
    : []
}

/** A rate in bytes per second; null when unknown or beyond belief. */
const rate = (value: unknown, unitBytes: number, fastest: number): number | null => {
  const number = foreignMeasure(value)
  return number === null || number > fastest ? null : number * unitBytes
}

export const diskRate = (value: unknown): number | null => rate(value, MIB, FASTEST_MIB_S)
export const netRate = (value: unknown): number | null => rate(value, BYTES_PER_MBIT, FASTEST_MBIT_S)

export const largest = (values: readonly unknown[]): number | null =>
  values
    .map(foreignMeasure)
    .reduce<number | null>((best, value) => (value === null ? best : Math.max(best ?? value, value)), null)

export const percent = (value: unknown): number | null => {
  const number = foreignMeasure(value)
  return number === null || number > 100 ? null : number
}

/** KiB per second of one process. */
export const ioRate = (value: unknown): number | null => rate(value, 1024, FASTEST_MIB_S * 1024)

export const niceOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= -20 && value <= 19 ? value : null

/** Null for a process that ended before it could be told which one it was: a pid alone may be another's. */
export const whoIs = (
  pid: unknown,
  command: unknown,
  around: Around,
): { pid: number; start_ticks: number; comm: string | null } | null => {
  const number = foreignInteger(pid)
  const stat = number === null ? undefined : around.stats.get(number)
  if (stat === undefined) return null
  const word = typeof command === 'string' ? (command.trim().split(/\s/)[0] ?? '') : ''
  return {
    pid: stat.pid,
    start_ticks: stat.startTicks,
    comm: foreignText(stat.comm, 64) ?? foreignText(word.split('/').at(-1), 64),
  }
}
