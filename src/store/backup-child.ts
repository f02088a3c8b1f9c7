// Opens a database file and looks at every table, in a process of its own. Started by backup-tables.ts, never imported.
import * as z from 'zod'
import { runChild, say } from './child-line.ts'
import { toPlain } from './convert.ts'
import { openGuarded, sentenceOf } from './guard-open.ts'

const Task = z.object({
  dbPath: z.string(),
  /** Reads every block of every column, not only the row counts. */
  deep: z.boolean(),
  memoryMb: z.number(),
})

const TABLES = `SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main' ORDER BY table_name`
const SCHEMA = 'SELECT max(version) FROM schema_migrations'
const BEGUN = 'SELECT min(applied_at) FROM schema_migrations'
const NEWEST = 'SELECT max(collected_at) FROM scrapes'

await runChild(async (given) => {
  const { dbPath, deep, memoryMb } = Task.parse(given)
  const db = await openGuarded(dbPath, { memoryMb, threads: 1 })
  const one = async (sql: string) => toPlain((await db.connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? null)
  const tables = (await db.connection.runAndReadAll(TABLES)).getRows().map(([name]) => String(name))
  for (const table of tables) {
    const name = `"${table.replaceAll('"', '""')}"`
    // hash(row) has to read all columns; the count alone comes from the metadata and would miss a bad block.
    const scan = deep ? `SELECT count(*), bit_xor(hash(t)) FROM ${name} AS t` : `SELECT count(*) FROM ${name}`
    try {
      await say({ table, rows: await one(scan) })
    } catch (error) {
      await say({ table, rows: await one(`SELECT count(*) FROM ${name}`).catch(() => null), broken: sentenceOf(error) })
    }
  }
  const schema = await one(SCHEMA).catch(() => null)
  const begunAt = await one(BEGUN).catch(() => null)
  const newestAt = await one(NEWEST).catch(() => null)
  await say({ done: { schema, begunAt, newestAt } })
})
