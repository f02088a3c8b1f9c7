import { DatabaseSync } from 'node:sqlite'
import type { SqliteAnswer } from '../core/ask.ts'
import { messageOf } from '../core/errors.ts'
import { ownModule } from '../core/own-files.ts'
import { statHere } from './files.ts'

const BUSY_MS = 1_000
const JOB = ownModule('transport/sqlite-job')

export interface SqliteJob {
  readonly path: string
  readonly sql: string
}

/** A read-only query on a database of this machine, in the worker pool where there is one. */
export async function sqliteHere(
  path: string,
  sql: string,
  work?: <Result>(job: URL, payload: unknown) => Promise<Result>,
): Promise<SqliteAnswer> {
  const [found] = await statHere([path])
  if (found?.is === 'missing') return { is: 'missing' }
  if (found?.is === 'denied') return { is: 'fault', fault: 'exit_code', detail: 'permission denied' }
  // A FIFO would hang the open, a link may lead anywhere.
  if (found?.is !== 'file') return { is: 'fault', fault: 'bad_output', detail: 'not a regular file' }
  if (work === undefined) return querySqlite({ path, sql })
  try {
    return await work<SqliteAnswer>(JOB, { path, sql } satisfies SqliteJob)
  } catch (error) {
    return { is: 'fault', fault: 'exit_code', detail: messageOf(error) }
  }
}

// SQLITE_CORRUPT, SQLITE_NOTADB: another format; all else (busy, I/O, permission, a missing table) is a failed command.
const BAD_DATA = new Set([11, 26])

/** Opens, asks, closes. Blocks this thread as long as SQLite takes. Whole numbers beyond 2^53 come as bigint. */
export function querySqlite({ path, sql }: SqliteJob): SqliteAnswer {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path, { readOnly: true, allowExtension: false })
    // Said in SQL: the option is one that Node 22.13 passes over in silence.
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
    const statement = database.prepare(sql)
    statement.setReadBigInts(true)
    return { is: 'rows', rows: statement.all().map(plainRow) }
  } catch (error) {
    const code = (error as { errcode?: number }).errcode ?? 0
    const fault = BAD_DATA.has(code & 0xff) ? 'bad_output' : 'exit_code'
    return { is: 'fault', fault, detail: messageOf(error) }
  } finally {
    database?.close()
  }
}

const plainRow = (row: unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row as Record<string, unknown>).map(([name, value]) => [name, plainValue(value)]))

const plainValue = (value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
