import type { Cell } from '../core/rows.ts'

/** Milliseconds of a TIMESTAMP cell, whichever way it was read back; null when it is none. */
export const timeOf = (cell: Cell | undefined): number | null => {
  if (cell instanceof Date) return cell.getTime()
  if (typeof cell !== 'string') return null
  const ms = Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(cell) ? cell : `${cell.replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? null : ms
}

const MAX_DATE_MS = 8.64e15

/** A moment, or null where the number is none that a calendar knows. */
export const dateOf = (epochMs: number): Date | null => (Math.abs(epochMs) <= MAX_DATE_MS ? new Date(epochMs) : null)

/** A text cell; null for anything else. */
export const textCell = (cell: Cell | undefined): string | null => (typeof cell === 'string' ? cell : null)

/** A TIMESTAMP out of epoch seconds; null stays null. */
export const instantOf = (epochS: number | null): Date | null => (epochS === null ? null : dateOf(epochS * 1000))
