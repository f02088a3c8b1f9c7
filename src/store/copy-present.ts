import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Engine } from './engine.ts'
import { TABLES } from './registry.ts'
import { text, time } from './sql.ts'
import type { TableSpec } from './tables/spec.ts'

/** Redacted words of dialogs are nobody's business but that of who answers them. */
const LEFT_OUT = new Set(['pending_dialogs'])

const tables: readonly TableSpec[] = TABLES
/** The newest picture of everything: `latest_…` tables, and those that hold one row per thing. */
const present = tables
  .flatMap(({ name, mode, latest }) => (mode === 'current' ? [name] : (latest ?? [])))
  .filter((name) => !LEFT_OUT.has(name))
const rollups = tables.flatMap((table) => table.rollups ?? [])

/**
 * A small database `dataDir/tmp/name` of what is now: the newest picture of every source, and rollups since `since` (UTC).
 * Replaces one of that name; one at a time. All of it is of one moment, and whoever writes goes on. Returns its path.
 */
export const copyPresent = async (engine: Engine, dataDir: string, name: string, since: Date): Promise<string> => {
  const target = join(dataDir, 'tmp', name)
  await rm(target, { force: true })
  const connection = await engine.connect()
  try {
    await connection.run(`ATTACH ${text(target)} AS vc_present`)
    await fill(connection, since)
  } finally {
    await connection.run('DETACH DATABASE IF EXISTS vc_present').finally(() => connection.closeSync())
  }
  return target
}

const fill = async (connection: DuckDBConnection, since: Date): Promise<void> => {
  await connection.run('BEGIN')
  try {
    for (const table of present) await connection.run(`CREATE TABLE vc_present."${table}" AS FROM "${table}"`)
    for (const table of rollups)
      await connection.run(
        `CREATE TABLE vc_present."${table}" AS FROM "${table}" WHERE bucket_at >= date_trunc('hour', ${time(since)})`,
      )
    await connection.run('COMMIT')
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}
