import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api'
import { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import type { PackedColumn, PackedRows } from '../core/packed-rows.ts'
import type { Cell } from '../core/rows.ts'
import type { Block } from './admit.ts'
import { appendChunks, CHUNK_ROWS, CHUNKS_PER_TURN } from './append-chunks.ts'
import type { Column, Table } from './catalog.ts'
import { names, text, time } from './sql.ts'
import { stageOf } from './stage.ts'

/** Up to here a list in the statement is faster than a table to join. */
const FEW_WORDS = 32

export interface StagedPack {
  readonly run: number
  readonly at: Date
  readonly block: Block
}

/** What one stage row is made from: columns appended as they are, tables of words, texts as lines of one parameter. */
interface Plan {
  readonly appended: { readonly type: DuckDBType; readonly values: Float64Array | Int32Array }[]
  readonly books: { readonly index: number; readonly columns: PackedWords[] }[]
  readonly lines: string[]
  readonly values: Map<string, string>
}

type PackedWords = Extract<PackedColumn, { is: 'words' }>

/** Packed rows that are in the database: how to say each of their columns, and the place they are selected from. */
export interface Unpacked {
  readonly values: ReadonlyMap<string, string>
  readonly from: string
}

/** Adds the rows of a packed block to the table's stage, numbered from `seq`. No value becomes an object on its way. */
export const stagePacked = async (
  connection: DuckDBConnection,
  table: Table,
  { run, at, block }: StagedPack,
  seq: number,
): Promise<void> =>
  withUnpacked(connection, table, block.packed as PackedRows, async ({ values, from }) => {
    await connection.run(
      `INSERT INTO ${stageOf(table.name)} (_run, _seq, _mark, _at, ${names([...values.keys()])})
       SELECT ${run}, ${seq} + c0, true, ${time(at)}, ${[...values.values()].join(', ')} FROM ${from}`,
    )
  })

/** Hands packed rows to the database for as long as `use` takes. */
export const withUnpacked = async <T>(
  connection: DuckDBConnection,
  table: Table,
  packed: PackedRows,
  use: (rows: Unpacked) => Promise<T>,
): Promise<T> => {
  const plan = planOf(table, packed)
  await fillColumns(connection, plan, packed.count)
  for (const [number, book] of plan.books.entries()) await fillBook(connection, number, book.columns)
  await fillLines(connection, plan.lines)
  const joins = plan.books.map(({ index }, n) => `LEFT JOIN stage_book${n} ON stage_book${n}.i = c${index}`)
  const from = `(SELECT * FROM stage_pack POSITIONAL JOIN stage_lines) ${joins.join(' ')}`
  const result = await use({ values: plan.values, from })
  const temps = ['stage_pack', 'stage_lines', ...plan.books.map((_, number) => `stage_book${number}`)]
  await connection.run(temps.map((name) => `DROP TABLE ${name}`).join(';\n'))
  return result
}

const planOf = (table: Table, packed: PackedRows): Plan => {
  const order = new Int32Array(packed.count)
  for (let row = 0; row < packed.count; row += 1) order[row] = row
  const plan: Plan = { appended: [{ type: INTEGER, values: order }], books: [], lines: [], values: new Map() }
  const indexes = new Map<Int32Array, number>()
  const append = (type: DuckDBType, values: Float64Array | Int32Array): number =>
    plan.appended.push({ type, values }) - 1
  const indexOf = (index: Int32Array): number => {
    const known = indexes.get(index) ?? append(INTEGER, index)
    indexes.set(index, known)
    return known
  }
  for (const column of table.columns) {
    const given = packed.columns[column.name]
    if (given !== undefined) plan.values.set(column.name, sqlOf(plan, column, given, append, indexOf))
  }
  return plan
}

const sqlOf = (
  plan: Plan,
  column: Column,
  given: PackedColumn,
  append: (type: DuckDBType, values: Float64Array | Int32Array) => number,
  indexOf: (index: Int32Array) => number,
): string => {
  switch (given.is) {
    case 'same':
      return literalOf(given.value, column.type)
    case 'numbers':
      return `CASE WHEN isnan(c${append(DOUBLE, given.values)}) THEN NULL ELSE c${plan.appended.length - 1}::${column.type} END`
    case 'times':
      return `make_timestamp_ms(c${append(DOUBLE, given.values)}::BIGINT)`
    case 'texts': {
      const line = `t${plan.lines.push(given.lines) - 1}`
      return column.nullable ? `nullif(${line}, '')` : line
    }
    case 'words':
      return wordOf(plan, column, given, append, indexOf)
  }
}

const wordOf = (
  plan: Plan,
  column: Column,
  given: PackedWords,
  append: (type: DuckDBType, values: Int32Array) => number,
  indexOf: (index: Int32Array) => number,
): string => {
  const few = given.words.length <= FEW_WORDS ? given : distinct(given)
  if (few !== null) {
    const missing = few.index.some((at) => at < 0)
    const [word = null] = few.words
    if (few.words.length <= 1 && (word === null || !missing)) return literalOf(word, column.type)
    const index = few === given ? indexOf(few.index) : append(INTEGER, few.index)
    return listed(few.words, index, column.type, missing)
  }
  const index = indexOf(given.index)
  if (column.type !== 'VARCHAR') return listed(given.words, index, column.type, true)
  let number = plan.books.findIndex((book) => book.index === index)
  if (number < 0) number = plan.books.push({ index, columns: [] }) - 1
  return `stage_book${number}.w${(plan.books[number]?.columns.push(given) ?? 0) - 1}`
}

/** The word by its number; to make null of a negative one takes as long again. */
const listed = (words: readonly Cell[], index: number, type: string, missing: boolean): string => {
  const list = words.map((word) => literalOf(word, type)).join(', ')
  return `([${list}])[${missing ? `nullif(greatest(c${index} + 1, 0), 0)` : `c${index} + 1`}]`
}

/** The same with each word once, where that leaves few: thousands of sessions share some projects, and all have a yes or no. */
const distinct = ({ words, index }: PackedWords): Pick<PackedWords, 'words' | 'index'> | null => {
  const numbers = new Map<Cell, number>()
  const places = new Int32Array(words.length)
  for (const [at, word] of words.entries()) {
    const number = numbers.get(word) ?? numbers.size
    if (number === FEW_WORDS) return null
    numbers.set(word, number)
    places[at] = number
  }
  return { words: [...numbers.keys()], index: index.map((at) => (at < 0 ? -1 : (places[at] as number))) }
}

const fillColumns = async (connection: DuckDBConnection, plan: Plan, count: number): Promise<void> => {
  const types = plan.appended.map(({ type }) => type)
  const shape = types.map((type, n) => `c${n} ${type.toString()}`).join(', ')
  await connection.run(`CREATE OR REPLACE TEMP TABLE stage_pack (${shape})`)
  const appender = await connection.createAppender('stage_pack', null, 'temp')
  try {
    for (let from = 0, chunks = 1; from < count; from += CHUNK_ROWS, chunks += 1) {
      const size = Math.min(CHUNK_ROWS, count - from)
      const chunk = DuckDBDataChunk.create(types, size)
      for (const [n, { values }] of plan.appended.entries()) setNumbers(chunk, n, values.subarray(from, from + size))
      appender.appendDataChunk(chunk)
      // Other work of the process must get its turn during a backfill.
      if (chunks % CHUNKS_PER_TURN === 0) await setImmediate()
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}

/** A block of memory at once: number by number it takes the library several times as long. */
const setNumbers = (chunk: DuckDBDataChunk, column: number, values: Float64Array | Int32Array): void => {
  const vector = bindings.data_chunk_get_vector(chunk.chunk, column)
  bindings.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset, values.byteLength)
}

/** One text for each column of texts, taken apart by the database. As a table: a join with `unnest` itself takes twice as long. */
const fillLines = async (connection: DuckDBConnection, lines: readonly string[]): Promise<void> => {
  const columns = lines.map((_, n) => `unnest(string_split($${n + 1}, chr(10))) AS t${n}`)
  const sql = `CREATE OR REPLACE TEMP TABLE stage_lines AS SELECT ${columns.join(', ') || 'NULL AS nothing'}`
  await connection.run(sql, [...lines])
}

/** The words of columns that share an index, numbered from 0. */
const fillBook = async (
  connection: DuckDBConnection,
  number: number,
  columns: readonly PackedWords[],
): Promise<void> => {
  const name = `stage_book${number}`
  const count = columns[0]?.words.length ?? 0
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${name} (i INTEGER, ${columns.map((_, n) => `w${n} VARCHAR`).join(', ')})`,
  )
  const types = [INTEGER, ...columns.map(() => VARCHAR)]
  const words = columns.map((column) => column.words as readonly (string | null)[])
  await appendChunks(connection, name, types, [Array.from({ length: count }, (_, row) => row), ...words])
}

const literalOf = (value: Cell, type: string): string => {
  if (value === null) return `NULL::${type}`
  if (value instanceof Date) return time(value)
  return typeof value === 'string' ? text(value) : `${value}::${type}`
}
