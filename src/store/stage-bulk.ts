import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDBTimestampValue, INTEGER, VARCHAR } from '@duckdb/node-api'
import { appendChunks } from './append-chunks.ts'
import { text } from './sql.ts'

/** A text column of at most this many different values travels as numbers. */
const WORDS = 256

interface BulkColumn {
  readonly name: string
  readonly type: DuckDBType
}

/** How one column gets into its stage: what is appended (null: nothing), and the SQL that makes the value from it. */
interface Carried {
  readonly append: { readonly type: DuckDBType; readonly values: readonly DuckDBValue[] } | null
  readonly sql: (from: string) => string
}

/**
 * Fills an empty temp table with many rows. Handing one text to the database costs more than all else that is done with
 * a row, and in a backfill most texts are the same: equal columns become a literal, columns of few words numbers.
 */
export const fillBulk = async (
  connection: DuckDBConnection,
  temp: string,
  shape: readonly BulkColumn[],
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> => {
  const carried = shape.map(({ type }, index) => carry(type, columns[index] ?? []))
  const appended = carried.flatMap(({ append }) => (append === null ? [] : [append]))
  const raw = appended.map(({ type }, index) => `c${index} ${type.toString()}`).join(', ')
  await connection.run(`CREATE OR REPLACE TEMP TABLE stage_bulk (${raw})`)
  await appendChunks(
    connection,
    'stage_bulk',
    appended.map(({ type }) => type),
    appended.map(({ values }) => values),
  )
  let next = 0
  const values = carried.map(({ append, sql }) => sql(append === null ? '' : `c${next++}`))
  const names = shape.map(({ name }) => `"${name}"`).join(', ')
  await connection.run(`INSERT INTO "${temp}" (${names}) SELECT ${values.join(', ')} FROM stage_bulk`)
  await connection.run('DROP TABLE stage_bulk')
}

const carry = (type: DuckDBType, values: readonly DuckDBValue[]): Carried => {
  const first = values[0] ?? null
  const literal = values.every((value) => isSame(value, first)) ? literalOf(first, type) : null
  if (literal !== null) return { append: null, sql: () => literal }
  const words = type === VARCHAR ? wordsOf(values) : null
  if (words === null) return { append: { type, values }, sql: (from) => from }
  const list = [...words.keys()].map(text).join(', ')
  const numbers = values.map((value) => (value === null ? null : (words.get(value as string) as number)))
  return { append: { type: INTEGER, values: numbers }, sql: (from) => `([${list}])[${from}]` }
}

const isSame = (a: DuckDBValue, b: DuckDBValue): boolean =>
  a === b || (a instanceof DuckDBTimestampValue && b instanceof DuckDBTimestampValue && a.micros === b.micros)

// A text with NUL cannot stand in a statement.
const isSpeakable = (value: string): boolean => !value.includes('\0')

const literalOf = (value: DuckDBValue, type: DuckDBType): string | null => {
  if (value === null) return `NULL::${type.toString()}`
  if (value instanceof DuckDBTimestampValue) return `make_timestamp(${value.micros})`
  if (typeof value === 'string') return isSpeakable(value) ? text(value) : null
  if (typeof value === 'boolean' || typeof value === 'bigint') return `${value}::${type.toString()}`
  return Number.isInteger(value) ? `${value as number}::${type.toString()}` : null
}

/** The different texts, numbered from 1; null when there are too many. */
const wordsOf = (values: readonly DuckDBValue[]): ReadonlyMap<string, number> | null => {
  const words = new Map<string, number>()
  let last: DuckDBValue = null
  for (const value of values) {
    if (value === last || value === null) continue
    last = value
    if (words.has(value as string)) continue
    if (words.size === WORDS || !isSpeakable(value as string)) return null
    words.set(value as string, words.size + 1)
  }
  return words
}
