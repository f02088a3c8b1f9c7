import type { DuckDBValue } from '@duckdb/node-api'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import { text } from './sql.ts'

/** Parsing and planning cost by the cell, an appender by the call: from about here on it is the cheaper one. */
const MAX_CELLS = 160
const MAX_CHARS = 64 * 1024

/**
 * Rows as the list behind VALUES, exact to the last bit; null where columns should travel instead: many rows, long texts,
 * or a value that SQL text cannot hold.
 */
export const valuesText = (columns: readonly (readonly DuckDBValue[])[]): string | null => {
  const count = columns[0]?.length ?? 0
  if (count * columns.length > MAX_CELLS) return null
  const rows: string[] = []
  let chars = 0
  for (let row = 0; row < count; row++) {
    const cells: string[] = []
    for (const column of columns) {
      const cell = literal(column[row] ?? null)
      if (cell === null) return null
      cells.push(cell)
      chars += cell.length
    }
    if (chars > MAX_CHARS) return null
    rows.push(`(${cells.join(',')})`)
  }
  return rows.join(',\n')
}

/** One cell as SQL; null when text cannot hold it. */
export const literal = (value: DuckDBValue): string | null => {
  if (value === null) return 'NULL'
  switch (typeof value) {
    case 'string':
      return value.includes('\u0000') ? null : text(value)
    case 'boolean':
      return String(value)
    case 'number':
      return number(value)
    case 'bigint':
      // Else the lowest BIGINT would be read as a minus before a number that is none.
      return `'${value}'::BIGINT`
    default:
      return value instanceof DuckDBTimestampValue ? `make_timestamp(${value.micros})` : null
  }
}

// Without an exponent a fraction is read as DECIMAL, and its last bit may change on the way to DOUBLE.
const number = (value: number): string | null => {
  if (!Number.isFinite(value)) return null
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return Object.is(value, -0) ? '-0e0' : String(value)
  const digits = String(value)
  return digits.includes('e') ? digits : `${digits}e0`
}
