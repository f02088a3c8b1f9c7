import type { DuckDBValue } from '@duckdb/node-api'
import { type PackedColumn, type PackedRows, unpackRows } from '../core/packed-rows.ts'
import { redact } from '../core/redact.ts'
import type { Cell } from '../core/rows.ts'
import type { Column, Table } from './catalog.ts'
import { toCell } from './cells.ts'

/** Checks packed columns as rows are checked, and adds those the store fills in. Throws a sentence naming the column. */
export const admitPacked = (
  table: Table,
  packed: PackedRows,
  fill: ReadonlyMap<string, Cell>,
  foreign: ReadonlySet<string>,
): PackedRows => {
  for (const name in packed.columns) {
    if (!table.byName.has(name)) throw new TypeError(`${table.name} has no column ${name}`)
  }
  const columns: Record<string, PackedColumn> = {}
  for (const column of table.columns) {
    const given = packed.columns[column.name] ?? { is: 'same', value: fill.get(column.name) ?? null }
    try {
      columns[column.name] = admitColumn(column, given, packed.count, foreign.has(column.name))
    } catch (error) {
      throw new TypeError(`${table.name}.${column.name} ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { count: packed.count, columns }
}

/** The same rows as cells, column by column. */
export const cellsOfPacked = (table: Table, packed: PackedRows): DuckDBValue[][] => {
  const rows = unpackRows(packed)
  return table.columns.map((column) => rows.map((row) => toCell(row[column.name] ?? null, column)))
}

const admitColumn = (column: Column, given: PackedColumn, count: number, foreign: boolean): PackedColumn => {
  const admit = (value: Cell): Cell => {
    const safe = foreign && typeof value === 'string' ? redact(value) : value
    toCell(safe, column)
    return safe
  }
  switch (given.is) {
    case 'same':
      return { ...given, value: admit(given.value) }
    case 'words':
      checkIndex(column, given.index, count, given.words.length)
      return { ...given, words: given.words.map(admit) }
    case 'numbers':
      checkNumbers(column, given.values, count)
      return given
    case 'times':
      if (column.type !== 'TIMESTAMP') throw new TypeError(`got times, the column is ${column.type}`)
      checkNumbers(column, given.values, count, false)
      return given
    case 'texts':
      checkLines(column, given.lines, count)
      return foreign ? { ...given, lines: given.lines.split('\n').map(redact).join('\n') } : given
  }
}

const checkIndex = (column: Column, index: Int32Array, count: number, words: number): void => {
  if (index.length !== count) throw new TypeError('has another number of rows')
  for (let row = 0; row < count; row += 1) {
    const at = index[row] as number
    if (at >= words) throw new TypeError('names a word that is not there')
    if (at < 0 && !column.nullable) throw new TypeError('is missing and may not be null')
  }
}

const checkNumbers = (column: Column, values: Float64Array, count: number, mayMiss = column.nullable): void => {
  if (values.length !== count) throw new TypeError('has another number of rows')
  const isWhole = column.type === 'BIGINT' || column.type === 'INTEGER' || column.type === 'TIMESTAMP'
  for (let row = 0; row < count; row += 1) {
    const value = values[row] as number
    if (Number.isNaN(value)) {
      if (!mayMiss) throw new TypeError('is missing and may not be null')
    } else if (isWhole ? !Number.isSafeInteger(value) : !Number.isFinite(value)) {
      throw new TypeError(`got ${Number.isFinite(value) ? 'a fraction' : String(value)}, the column is ${column.type}`)
    }
  }
}

const checkLines = (column: Column, lines: string, count: number): void => {
  if (column.type !== 'VARCHAR') throw new TypeError(`got text, the column is ${column.type}`)
  let found = 1
  for (let at = lines.indexOf('\n'); at >= 0; at = lines.indexOf('\n', at + 1)) found += 1
  if (found !== count) throw new TypeError('has another number of rows')
  if (lines.includes('\0')) throw new TypeError('holds NUL')
}
