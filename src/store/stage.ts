import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, FLOAT, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { Block } from './admit.ts'
import type { Catalog, Table } from './catalog.ts'
import { stamp } from './cells.ts'
import { TABLES } from './registry.ts'

const TYPES: Readonly<Record<string, DuckDBType>> = { VARCHAR, BIGINT, INTEGER, FLOAT, DOUBLE, BOOLEAN, TIMESTAMP }
const CHUNK_ROWS = 2048
const CHUNKS_PER_TURN = 4

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
  const tables = [...TABLES.map((spec) => spec.name), 'latest_scrapes', 'cursors']
  for (const name of tables) {
    const table = catalog.get(name)
    if (!table) throw new Error(`table ${name} is registered but no migration creates it`)
    const columns = table.columns.map((column) => `"${column.name}" ${column.type}`).join(', ')
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${stageOf(name)} (_run INTEGER, _seq INTEGER, _mark BOOLEAN, _at TIMESTAMP, ${columns})`,
    )
  }
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE stage_pictures
     (_run INTEGER, _at TIMESTAMP, machine_id VARCHAR, source VARCHAR, scope VARCHAR, whole BOOLEAN, complete BOOLEAN)`,
  )
}

/** Empties the table's stage and fills it. Returns the number of rows staged. */
export const stageBlocks = async (
  connection: DuckDBConnection,
  table: Table,
  blocks: readonly StagedBlock[],
): Promise<number> => {
  const columns: DuckDBValue[][] = [[], [], [], [], ...table.columns.map(() => [] as DuckDBValue[])]
  let seq = 0
  for (const { run, at: startedAt, block, pick, mark } of blocks) {
    const runAt = stamp(startedAt)
    const at = new Map(block.columns.map((name, index) => [name, index]))
    const sources = table.columns.map((column) => block.cells[at.get(column.name) ?? -1])
    const count = pick?.length ?? block.count
    for (let index = 0; index < count; index++) {
      const row = pick ? (pick[index] as number) : index
      columns[0]?.push(run)
      columns[1]?.push(seq++)
      columns[2]?.push(mark ? mark(row) : true)
      columns[3]?.push(runAt)
      for (let c = 0; c < sources.length; c++) columns[c + 4]?.push(sources[c]?.[row] ?? null)
    }
  }
  await fill(connection, `stage_${table.name}`, stageTypes(table), columns)
  return seq
}

/** Column types of a table's stage. */
export const stageTypes = (table: Table): readonly DuckDBType[] => [
  INTEGER,
  INTEGER,
  BOOLEAN,
  TIMESTAMP,
  ...table.columns.map((column) => typeOf(table, column.type)),
]

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
  const count = columns[0]?.length ?? 0
  if (count === 0) return
  const appender = await connection.createAppender(temp, null, 'temp')
  try {
    for (let from = 0, chunks = 1; from < count; from += CHUNK_ROWS, chunks++) {
      const to = Math.min(from + CHUNK_ROWS, count)
      const chunk = DuckDBDataChunk.create(types, to - from)
      chunk.setColumns(columns.map((column) => (from === 0 && to === count ? column : column.slice(from, to))))
      appender.appendDataChunk(chunk)
      // Other work of the process must get its turn during a backfill.
      if (chunks % CHUNKS_PER_TURN === 0) await setImmediate()
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}
