import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import { VcError } from '../core/errors.ts'
import { sha256 } from '../core/ids.ts'
import { text, time } from './sql.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

const LEDGER = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, checksum VARCHAR NOT NULL,
    program_version VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL
  )`

/** `NNNN_what.sql` files of a folder in order; numbers are unique and without holes. */
export const readMigrations = async (dir: string): Promise<readonly Migration[]> => {
  const files = (await readdir(dir)).filter((file) => file.endsWith('.sql')).sort()
  return Promise.all(
    files.map(async (file, index) => {
      const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file)
      if (!match || Number(match[1]) !== index + 1) {
        throw new VcError(
          'bad_migration',
          `${join(dir, file)} is not migration ${index + 1}`,
          'name migrations NNNN_what.sql, without gaps',
        )
      }
      const sql = await readFile(join(dir, file), 'utf8')
      return { version: index + 1, name: match[2] ?? '', sql, checksum: sha256(sql) }
    }),
  )
}

interface Applied {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly programVersion: string
}

const readApplied = async (connection: DuckDBConnection): Promise<readonly Applied[]> => {
  const rows = await connection.runAndReadAll(
    'SELECT version, name, checksum, program_version FROM schema_migrations ORDER BY version',
  )
  return rows.getRows().map(([version, name, checksum, programVersion]) => ({
    version: Number(version),
    name: String(name),
    checksum: String(checksum),
    programVersion: String(programVersion),
  }))
}

const refuseForeign = (applied: readonly Applied[], known: readonly Migration[]): void => {
  const newest = applied.at(-1)
  // The newest decides: whoever brought it to an earlier one does not know this one either.
  if (newest !== undefined && newest.version > known.length)
    throw new VcError(
      'store_newer',
      `the database was migrated to schema ${newest.version} (${newest.name}) by vc ${newest.programVersion}; this vc knows ${known.length}`,
      `install vc ${newest.programVersion} or newer`,
    )
  for (const done of applied) {
    const mine = known.find((migration) => migration.version === done.version)
    if (mine !== undefined && mine.checksum !== done.checksum) {
      throw new VcError(
        'migration_changed',
        `migration ${done.version} (${done.name}) differs from the one this database was built with (vc ${done.programVersion})`,
        'use the vc that built it; a changed checkout: restore the released text of that file, and put the change into a new migration',
      )
    }
  }
}

/** When the file was brought to its first schema: it is as old as that. */
export const firstMigratedAt = async (connection: DuckDBConnection): Promise<Date | null> => {
  const found = await connection.runAndReadAll('SELECT epoch_ms(min(applied_at)) FROM schema_migrations')
  const ms = found.getRows()[0]?.[0]
  return ms === null || ms === undefined ? null : new Date(Number(ms))
}

interface By {
  readonly programVersion: string
  readonly now: Date
  /** Told when the schema of an empty file is with the database's own thread, which takes it a moment. */
  readonly onMaking?: () => void
}

/** Brings the file forward, each migration in its own transaction, an empty file in one. Returns the versions applied now. */
export const migrate = async (
  connection: DuckDBConnection,
  known: readonly Migration[],
  by: By,
): Promise<readonly number[]> => {
  await connection.run(LEDGER)
  const applied = await readApplied(connection)
  refuseForeign(applied, known)
  const due = known.filter((migration) => !applied.some((done) => done.version === migration.version))
  if (applied.length > 0 || !(await applyAll(connection, due, by)))
    for (const migration of due) await applyOne(connection, migration, by)
  return due.map((migration) => migration.version)
}

/** All at once: a new file is waited for. False when that failed; one after the other tells which of them it is. */
const applyAll = async (connection: DuckDBConnection, due: readonly Migration[], by: By): Promise<boolean> => {
  const rows = due.map(
    ({ version, name, checksum }) =>
      `(${version}, ${text(name)}, ${text(checksum)}, ${text(by.programVersion)}, ${time(by.now)})`,
  )
  if (rows.length === 0) return true
  const steps = ['BEGIN', ...due.map(({ sql }) => sql), `INSERT INTO schema_migrations VALUES ${rows.join(', ')}`]
  try {
    const making = connection.run([...steps, 'COMMIT'].join('\n;\n'))
    by.onMaking?.()
    await making
    return true
  } catch {
    await connection.run('ROLLBACK').catch(() => undefined)
    return false
  }
}

const applyOne = async (connection: DuckDBConnection, migration: Migration, by: By): Promise<void> => {
  await connection.run('BEGIN')
  try {
    await connection.run(migration.sql)
    const at = new DuckDBTimestampValue(BigInt(by.now.getTime()) * 1000n)
    const values = [migration.version, migration.name, migration.checksum, by.programVersion, at]
    await connection.run('INSERT INTO schema_migrations VALUES ($1, $2, $3, $4, $5)', values)
    await connection.run('COMMIT')
  } catch (cause) {
    await connection.run('ROLLBACK').catch(() => undefined)
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new VcError(
      'migration_failed',
      `migration ${migration.version} (${migration.name}) failed: ${why}`,
      'the file is unchanged; report this with `vc db info`',
      { cause },
    )
  }
}
