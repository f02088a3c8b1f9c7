import type { DuckDBValue } from '@duckdb/node-api'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import type { Cell } from '../core/rows.ts'
import type { Column } from './catalog.ts'

const INT_MAX = 2 ** 31
const BIG_MAX = 2n ** 63n

/**
 * One value as the column takes it; throws a sentence that names what is wrong.
 * Nothing is bent to fit: a fraction for a counter or NaN for a rate is a flaw of its collector and must show.
 */
export const toCell = (value: Cell | undefined, column: Column): DuckDBValue => {
  if (value === null || value === undefined) {
    if (column.nullable) return null
    throw new TypeError('is missing and may not be null')
  }
  const cell = convert(value, column.type)
  if (cell === undefined) throw new TypeError(`got ${describe(value)}, the column is ${column.type}`)
  return cell
}

const convert = (value: Exclude<Cell, null>, type: string): DuckDBValue | undefined => {
  switch (type) {
    case 'VARCHAR':
      return typeof value === 'string' ? value : undefined
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : undefined
    case 'TIMESTAMP':
      return value instanceof Date ? timestamp(value) : undefined
    case 'INTEGER':
      return typeof value === 'number' && Number.isInteger(value) && value >= -INT_MAX && value < INT_MAX
        ? value
        : undefined
    case 'BIGINT':
      return big(value)
    case 'FLOAT':
    case 'DOUBLE':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined
    default:
      return undefined
  }
}

const timestamp = (value: Date): DuckDBTimestampValue | undefined => {
  const ms = value.getTime()
  return Number.isNaN(ms) ? undefined : stamp(ms)
}

const big = (value: Exclude<Cell, null>): bigint | undefined => {
  if (typeof value === 'bigint') return value >= -BIG_MAX && value < BIG_MAX ? value : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined
}

// The kind of a value, never the value: it may be foreign text.
const describe = (value: Exclude<Cell, null>): string => {
  if (value instanceof Date) return 'a date'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer out of range' : 'a fraction'
  return typeof value === 'string' ? 'text' : typeof value
}

/** A moment as DuckDB takes it. */
export const stamp = (at: Date | number): DuckDBTimestampValue => new DuckDBTimestampValue(BigInt(+at) * 1000n)

/** Milliseconds of a timestamp cell. */
export const msOf = (cell: DuckDBValue | undefined): number => Number((cell as DuckDBTimestampValue).micros / 1000n)

/** Cells as one comparable string, NULL apart from the empty text. */
export const keyText = (cells: readonly (DuckDBValue | undefined)[]): string => {
  let key = ''
  for (const cell of cells) {
    if (cell === null || cell === undefined) key += '\u0001'
    else if (cell instanceof DuckDBTimestampValue) key += `\u0002${cell.micros}`
    else key += `\u0002${String(cell)}`
  }
  return key
}
