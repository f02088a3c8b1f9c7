import type { Cell, Row } from '../../core/rows.ts'
import type { Catalog } from '../catalog.ts'
import type { PlainRow } from '../db.ts'

const toCell = (value: PlainRow[string] | undefined, type: string): Cell => {
  if (value === undefined || value === null || typeof value === 'object') return null
  if (type === 'TIMESTAMP') return new Date(String(value))
  return type === 'BIGINT' && typeof value === 'string' ? BigInt(value) : value
}

/** Whole rows of a table in the shape a collector writes them: times are Dates, counters beyond 2^53 bigints. */
export const typedRows = (catalog: Catalog, table: string, rows: readonly PlainRow[]): Row[] => {
  const types = (catalog.get(table)?.columns ?? []).map(({ name, type }) => [name, type] as const)
  return rows.map((row) => Object.fromEntries(types.map(([name, type]) => [name, toCell(row[name], type)])))
}
