import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DOUBLE, FLOAT, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { Block } from './admit.ts'
import { appendChunks, ROWS_PER_TURN } from './append-chunks.ts'
import type { Catalog, Table } from './catalog.ts'
import { stamp } from './cells.ts'
import { valuesText } from './literals.ts'
import { TABLES } from './registry.ts'
import { fillBulk } from './stage-bulk.ts'
import type { Talk } from './talk.ts'

const TYPES: Readonly<Record<string, DuckDBType>> = { VARCHAR, BIGINT, INTEGER, FLOAT, DOUBLE, BOOLEAN, TIMESTAMP }
/** From here on the cost of each text outweighs the second statement. */
export const BULK_ROWS = 2048

export interface StagedBlock {
  /** Index of the run in its wave. */
  readonly run: number
  /** Start of that run. */
  readonly at: Date
  readonly block: Block
  /** Row numbers of the block to stage; default all. */
  readonly pick?: readonly number[]
  /** Rows that belong to the newest picture. */
  readonly mark?: (row: number) => boolean
}

export const stageOf = (table: string): string => `"stage_${table}"`

/** Temp tables that every write passes through: same columns, plus run number, order, a mark and the run's time. */
export const createStages = async (connection: DuckDBConnection, catalog: Catalog): Promise<void> => {
  await remakeStages(connection, catalog, [...TABLES.map((spec) => spec.name), 'latest_scrapes', 'cursors'])
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE stage_pictures
     (_run INTEGER, _at TIMESTAMP, machine_id VARCHAR, source VARCHAR, scope VARCHAR, whole BOOLEAN, complete BOOLEAN)`,
  )
}

/** Makes the stages of these tables anew, empty: what they held in memory is let go. */
export const remakeStages = async (
  connection: DuckDBConnection,
  catalog: Catalog,
  tables: readonly string[],
): Promise<void> => {
  const statements = tables.map((name) => {
    const table = catalog.get(name)
    if (!table) throw new Error(`table ${name} is registered but no migration creates it`)
    const columns = table.columns.map((column) => `"${column.name}" ${column.type}`).join(', ')
    return `CREATE OR REPLACE TEMP TABLE ${stageOf(name)} (_run INTEGER, _seq INTEGER, _mark BOOLEAN, _at TIMESTAMP, ${columns})`
  })
  // One call of the driver for all of them.
  if (statements.length > 0) await connection.run(statements.join(';\n'))
}

/** Empties the table's stage and fills it. Returns the number of rows staged. */
export const stageBlocks = async (
  connection: DuckDBConnection,
  table: Table,
  blocks: readonly StagedBlock[],
): Promise<number> => {
  const columns: DuckDBValue[][] = Array.from({ length: 4 + table.columns.length }, () => [])
  let seq = 0
  for (const one of blocks) {
    seq = stageMeta(columns, one, seq)
    for (const [index, column] of table.columns.entries()) stageColumn(columns[index + 4] ?? [], one, column.name)
    if (one.block.count > ROWS_PER_TURN) await setImmediate()
  }
  const types = stageTypes(table)
  if (seq < BULK_ROWS) await fill(connection, `stage_${table.name}`, types, columns)
  else {
    await connection.run(`DELETE FROM ${stageOf(table.name)}`)
    const names = ['_run', '_seq', '_mark', '_at', ...table.columns.map((column) => column.name)]
    const shape = types.map((type, index) => ({ type, name: names[index] as string }))
    await fillBulk(connection, `stage_${table.name}`, shape, columns)
  }
  return seq
}

/** Appends the picked rows straight to a table of the file, without a stage: for rows known to be new. */
export const appendRows = async (
  connection: Talk,
  table: Table,
  blocks: readonly StagedBlock[],
  twin?: Table,
): Promise<void> => {
  const columns = table.columns.map(({ name }) => {
    const into: DuckDBValue[] = []
    for (const one of blocks) stageColumn(into, one, name)
    return into
  })
  await appendColumns(connection, table, columns, twin)
}

/**
 * Appends whole columns of the table, in its order: a few rows as text with what is said next, many by an appender. A twin,
 * which has the same columns, gets the same rows: what costs most is to make them values of the database.
 */
export const appendColumns = async (
  connection: Talk,
  table: Table,
  columns: readonly (readonly DuckDBValue[])[],
  twin?: Table,
): Promise<void> => {
  if ((columns[0]?.length ?? 0) === 0) return
  const names = twin === undefined ? [table.name] : [table.name, twin.name]
  const rows = valuesText(columns)
  if (rows === null) await appendChunks(connection, names, columnTypes(table), columns, null)
  else for (const name of names) connection.say(`INSERT INTO "${name}" VALUES ${rows}`)
}

/** Whether what is appended to the one could be appended to the other. */
export const areTwins = (one: Table, other: Table): boolean =>
  one.columns.length === other.columns.length &&
  one.columns.every(({ name, type }, index) => {
    const twin = other.columns[index]
    return twin?.name === name && twin.type === type
  })

const rowAt = (one: StagedBlock, index: number): number => (one.pick ? (one.pick[index] as number) : index)
const sizeOf = (one: StagedBlock): number => one.pick?.length ?? one.block.count

const stageMeta = (columns: readonly DuckDBValue[][], one: StagedBlock, seq: number): number => {
  const [runs, seqs, marks, times] = columns
  const runAt = stamp(one.at)
  const count = sizeOf(one)
  for (let index = 0; index < count; index++) {
    runs?.push(one.run)
    seqs?.push(seq + index)
    marks?.push(one.mark ? one.mark(rowAt(one, index)) : true)
    times?.push(runAt)
  }
  return seq + count
}

const stageColumn = (into: DuckDBValue[], one: StagedBlock, name: string): void => {
  const from = one.block.cells[one.block.columns.indexOf(name)]
  const count = sizeOf(one)
  if (!from) for (let index = 0; index < count; index++) into.push(null)
  else if (one.pick) for (const row of one.pick) into.push(from[row] ?? null)
  else for (const cell of from) into.push(cell)
}

/** Column types of a table's stage. */
export const stageTypes = (table: Table): readonly DuckDBType[] => [
  INTEGER,
  INTEGER,
  BOOLEAN,
  TIMESTAMP,
  ...columnTypes(table),
]

export const columnTypes = (table: Table): readonly DuckDBType[] =>
  table.columns.map((column) => typeOf(table, column.type))

const typeOf = (table: Table, type: string): DuckDBType => {
  const found = TYPES[type]
  if (!found) throw new Error(`${table.name} uses type ${type}, which the store does not write`)
  return found
}

/** Replaces the rows of a temp table by these columns. */
export const fill = async (
  connection: DuckDBConnection,
  temp: string,
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> => {
  await connection.run(`DELETE FROM "${temp}"`)
  await appendChunks(connection, temp, types, columns)
}
