import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DOUBLE, FLOAT, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { Block } from './admit.ts'
import { appendChunks, ROWS_PER_TURN } from './append-chunks.ts'
import type { Table } from './catalog.ts'
import { stamp } from './cells.ts'
import { valuesText } from './literals.ts'
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

/** A temp table that writes pass through, and its columns. */
export interface StageShape {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: DuckDBType }[]
}

const META: StageShape['columns'] = [
  { name: '_run', type: INTEGER },
  { name: '_seq', type: INTEGER },
  { name: '_mark', type: BOOLEAN },
  { name: '_at', type: TIMESTAMP },
]

/** The stage of a table: run number, order, a mark and the run's time, then the table's own columns. */
export const stageShape = (table: Table): StageShape => {
  const types = columnTypes(table)
  const own = table.columns.map(({ name }, index) => ({ name, type: types[index] as DuckDBType }))
  return { name: `stage_${table.name}`, columns: [...META, ...own] }
}

const made = new WeakMap<DuckDBConnection, Set<string>>()

/** Most tables are never written in a process: a stage is made when rows first come, and only emptied from then on. */
const clear = async (connection: DuckDBConnection, { name, columns }: StageShape): Promise<void> => {
  const there = made.get(connection) ?? new Set<string>()
  made.set(connection, there)
  if (there.has(name)) return void (await connection.run(`DELETE FROM "${name}"`))
  const shape = columns.map((column) => `"${column.name}" ${column.type.toString()}`).join(', ')
  await connection.run(`CREATE OR REPLACE TEMP TABLE "${name}" (${shape})`)
  there.add(name)
}

/** Stages made in a transaction that failed are gone with it. */
export const forgetStages = (connection: DuckDBConnection): void => void made.delete(connection)

/** Lets go of what the stages of these tables hold in memory. */
export const dropStages = async (connection: DuckDBConnection, tables: readonly string[]): Promise<void> => {
  const there = made.get(connection)
  const names = tables.map((table) => `stage_${table}`).filter((name) => there?.delete(name))
  // One call of the driver for all of them.
  if (names.length > 0) await connection.run(names.map((name) => `DROP TABLE "${name}"`).join(';\n'))
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
  const shape = stageShape(table)
  if (seq < BULK_ROWS) await fill(connection, shape, columns)
  else {
    await clear(connection, shape)
    await fillBulk(connection, shape.name, shape.columns, columns)
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

export const columnTypes = (table: Table): readonly DuckDBType[] =>
  table.columns.map((column) => typeOf(table, column.type))

const typeOf = (table: Table, type: string): DuckDBType => {
  const found = TYPES[type]
  if (!found) throw new Error(`${table.name} uses type ${type}, which the store does not write`)
  return found
}

/** Replaces the rows of a stage by these columns. */
export const fill = async (
  connection: DuckDBConnection,
  shape: StageShape,
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> => {
  await clear(connection, shape)
  const types = shape.columns.map(({ type }) => type)
  await appendChunks(connection, shape.name, types, columns)
}
