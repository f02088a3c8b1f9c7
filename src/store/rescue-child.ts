// Saves what can be read of a damaged database file and builds a new one from it. Started by rescue.ts, never imported.
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import * as z from 'zod'
import { EXIT, messageOf, VcError } from '../core/errors.ts'
import { runChild, say } from './child-line.ts'
import { toPlain } from './convert.ts'
import { text } from './sql.ts'

const Task = z.object({ dbPath: z.string(), outDir: z.string(), newFile: z.string(), memoryMb: z.number() })
type Task = z.output<typeof Task>

/** The engine stores and checks rows in groups of this size; a bad block costs its group, not its table. */
const GROUP_ROWS = 122_880

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const settings = (task: Task): Record<string, string> => ({
  memory_limit: `${task.memoryMb}MB`,
  threads: '1',
  temp_directory: join(task.outDir, 'tmp'),
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  allow_community_extensions: 'false',
})

const allowOnly = async (connection: DuckDBConnection, dir: string): Promise<void> => {
  await connection.run(`SET GLOBAL allowed_directories = [${text(dir)}]`)
  await connection.run('SET GLOBAL enable_external_access = false')
  await connection.run('SET GLOBAL lock_configuration = true')
}

interface Saved {
  readonly table: string
  readonly ddl: string
  readonly expected: number
  readonly saved: number
  readonly files: readonly string[]
  readonly why: string | null
}

const value = async (connection: DuckDBConnection, sql: string): Promise<number> =>
  Number(toPlain((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? 0))

const copy = async (connection: DuckDBConnection, table: string, file: string, where: string): Promise<number> => {
  const into = `(SELECT * FROM ${quoted(table)}${where}) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd)`
  return value(connection, `COPY ${into}`)
}

/** The whole table at once, or group by group when a block of it is bad. */
const saveTable = async (connection: DuckDBConnection, table: string, ddl: string, dir: string): Promise<Saved> => {
  const expected = await value(connection, `SELECT count(*) FROM ${quoted(table)}`)
  const whole = join(dir, `${table}.parquet`)
  try {
    return { table, ddl, expected, saved: await copy(connection, table, whole, ''), files: [whole], why: null }
  } catch (error) {
    const parts = await saveGroups(connection, table, dir)
    return { table, ddl, expected, ...parts, why: messageOf(error) }
  }
}

const saveGroups = async (
  connection: DuckDBConnection,
  table: string,
  dir: string,
): Promise<{ readonly saved: number; readonly files: readonly string[] }> => {
  const files: string[] = []
  let saved = 0
  const last = await value(connection, `SELECT coalesce(max(rowid), -1) FROM ${quoted(table)}`).catch(() => -1)
  for (let from = 0; from <= last; from += GROUP_ROWS) {
    const file = join(dir, `${table}.part-${String(from / GROUP_ROWS).padStart(5, '0')}.parquet`)
    try {
      saved += await copy(connection, table, file, ` WHERE rowid >= ${from} AND rowid < ${from + GROUP_ROWS}`)
      files.push(file)
    } catch {
      // This group holds the bad block; it shows in the report as rows that are missing.
    }
  }
  return { saved, files }
}

const saveAll = async (task: Task): Promise<readonly Saved[]> => {
  const instance = await DuckDBInstance.create(task.dbPath, { ...settings(task), access_mode: 'READ_ONLY' }).catch(
    (error) => {
      throw new VcError('store_broken', messageOf(error), '', { exitCode: EXIT.fault })
    },
  )
  const connection = await instance.connect()
  await allowOnly(connection, task.outDir)
  const listed = await connection.runAndReadAll(
    `SELECT table_name, sql FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main' ORDER BY table_oid`,
  )
  const saved: Saved[] = []
  for (const [name, sql] of listed.getRows()) {
    const one = await saveTable(connection, String(name), String(sql), task.outDir)
    saved.push(one)
    await say({ saved: { table: one.table, expected: one.expected, saved: one.saved, why: one.why } })
  }
  connection.closeSync()
  instance.closeSync()
  return saved
}

/** The same tables in a new file, from the Parquet files alone: what is in it has been written and read once. */
const rebuild = async (task: Task, tables: readonly Saved[]): Promise<void> => {
  const instance = await DuckDBInstance.create(task.newFile, settings(task))
  const connection = await instance.connect()
  await allowOnly(connection, task.outDir)
  for (const { table, ddl, files } of tables) {
    await connection.run(ddl)
    if (files.length === 0) continue
    const list = files.map(text).join(', ')
    await connection.run(`INSERT INTO ${quoted(table)} BY NAME SELECT * FROM read_parquet([${list}])`)
    await say({ rebuilt: { table, rows: await value(connection, `SELECT count(*) FROM ${quoted(table)}`) } })
  }
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
}

await runChild(async (given) => {
  const task = Task.parse(given)
  await rebuild(task, await saveAll(task))
  await say({ done: true })
})
