import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { VcError } from '../core/errors.ts'
import { refusalOf } from '../core/refusal.ts'
import type { Engine } from './engine.ts'
import { text } from './sql.ts'

/** So many tables are copied before what was written of them may leave memory. */
const TABLES_PER_CHECKPOINT = 16

/**
 * A consistent copy of the whole file, below `dataDir/folder`; returns its path. Nobody may write meanwhile. Copying the live file would drop its lock; COPY FROM DATABASE of the rows keeps 32 KiB of every
 * column in memory until its end, which with this many tables is more than the database may use.
 */
export const copyDatabase = async (engine: Engine, dataDir: string, folder: string, name: string): Promise<string> => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new VcError('bad_name', `${name} is no file name for a copy`, 'use letters, digits, dots and dashes')
  }
  const target = join(dataDir, folder, name)
  await copyRowsInto(engine.writer, target)
  return target
}

/** Copies every row of the database of this connection into a new file; nobody may write meanwhile. */
export const copyRowsInto = async (connection: DuckDBConnection, target: string): Promise<void> => {
  const source = String((await connection.runAndReadAll('SELECT current_database()')).getRows()[0]?.[0])
  try {
    await connection.run(`ATTACH ${text(target)} AS vc_copy`)
    await fill(connection, source)
  } catch (error) {
    // No room, no rights: that is no fault of the file that is copied.
    throw refusalOf(error, target) ?? error
  }
}

const fill = async (connection: DuckDBConnection, source: string): Promise<void> => {
  try {
    await connection.run(`COPY FROM DATABASE "${source}" TO vc_copy (SCHEMA)`)
    await copyRows(connection, source)
  } finally {
    await connection.run('DETACH vc_copy')
  }
}

const copyRows = async (connection: DuckDBConnection, source: string): Promise<void> => {
  const found = await connection.runAndReadAll(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = ${text(source)} AND NOT temporary ORDER BY table_name`,
  )
  for (const [at, [name]] of found.getRows().entries()) {
    await connection.run(`INSERT INTO vc_copy."${String(name)}" SELECT * FROM "${source}"."${String(name)}"`)
    if (at % TABLES_PER_CHECKPOINT === TABLES_PER_CHECKPOINT - 1) await connection.run('CHECKPOINT vc_copy')
  }
}
