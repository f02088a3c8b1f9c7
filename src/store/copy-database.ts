import { join } from 'node:path'
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
  const source = String((await engine.writer.runAndReadAll('SELECT current_database()')).getRows()[0]?.[0])
  try {
    await engine.writer.run(`ATTACH ${text(target)} AS vc_copy`)
    await fill(engine, source)
  } catch (error) {
    // No room, no rights: that is no fault of the file that is copied.
    throw refusalOf(error, target) ?? error
  }
  return target
}

const fill = async (engine: Engine, source: string): Promise<void> => {
  try {
    await engine.writer.run(`COPY FROM DATABASE "${source}" TO vc_copy (SCHEMA)`)
    await copyRows(engine, source)
  } finally {
    await engine.writer.run('DETACH vc_copy')
  }
}

const copyRows = async (engine: Engine, source: string): Promise<void> => {
  const found = await engine.writer.runAndReadAll(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = ${text(source)} AND NOT temporary ORDER BY table_name`,
  )
  for (const [at, [name]] of found.getRows().entries()) {
    await engine.writer.run(`INSERT INTO vc_copy."${String(name)}" SELECT * FROM "${source}"."${String(name)}"`)
    if (at % TABLES_PER_CHECKPOINT === TABLES_PER_CHECKPOINT - 1) await engine.writer.run('CHECKPOINT vc_copy')
  }
}
