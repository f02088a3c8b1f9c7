import { setImmediate } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type * as z from 'zod'
import { EXIT, messageOf, VcError } from '../core/errors.ts'
import { archiveError } from './archive-error.ts'
import { stamp } from './cells.ts'
import { type Plain, toPlain } from './convert.ts'
import { type Engine, isFatal, READERS } from './engine.ts'
import { type KeptTable, keptPictures } from './kept-pictures.ts'
import { literal } from './literals.ts'
import { type Lane, readLanes } from './read-lanes.ts'
import type { ReadMemory } from './read-memory.ts'
import { names } from './sql.ts'
import { talkOf } from './talk.ts'
import { readsSystemRollups } from './write/rollups.ts'

export type Param = string | number | bigint | boolean | Date | null
export type Params = Readonly<Record<string, Param>>
export type PlainRow = Readonly<Record<string, Plain>>

/** The reading side of the store. SQL texts live in `store/read`, one function per question. */
export interface Db {
  /** Rows with plain values. With a schema each row is parsed by it. Throws `query_timeout` or `query_failed`. */
  rows<T = PlainRow>(sql: string, params?: Params, schema?: z.ZodType<T>): Promise<T[]>
  /** Rows of a question that is asked again in the same words: remembered until one of the tables it reads is written. */
  current?<T = PlainRow>(tables: readonly string[], sql: string, params?: Params): Promise<T[]>
  /** All rows of a latest table, in no order: as the owner wrote them last, else read. */
  kept?<T = PlainRow>(table: KeptTable, columns: readonly string[]): Promise<T[]>
}

export interface DbOptions {
  readonly timeoutMs: number
  readonly engine: Pick<Engine, 'readers' | 'writer' | 'generation'>
  /** Opens the database again after it declared itself dead; the query is then tried once more. */
  readonly revive: (error: unknown, generation: number) => Promise<boolean>
  readonly memory: ReadMemory
  /** Brings rollups up to date; called before a question that reads them. */
  readonly roll: () => Promise<void>
}

const ROWS_PER_TURN = 2000

export interface Reading {
  readonly db: Db
  /** The same; its questions go before those of `db`. */
  readonly answers: Db
  close(): Promise<void>
}

/** At most two queries at once: each occupies a thread that file reads and connects need too. */
export const openDb = (options: DbOptions): Reading => {
  const running = new Set<Promise<unknown>>()
  let closed = false
  const inLane = readLanes(READERS)
  const busy = new Set<number>()
  const attempt = async (sql: string, params: Params): Promise<PlainRow[]> => {
    const slot = busy.has(0) ? 1 : 0
    busy.add(slot)
    try {
      return await readRows(options.engine.readers[slot] as DuckDBConnection, sql, params, options.timeoutMs)
    } finally {
      busy.delete(slot)
    }
  }
  const read = async (sql: string, params: Params): Promise<PlainRow[]> => {
    const { generation } = options.engine
    try {
      return await attempt(sql, params)
    } catch (error) {
      if (isFatal(error) && (await options.revive(error, generation))) return attempt(sql, params)
      throw error
    }
  }
  const rowsOf = async <T>(lane: Lane, sql: string, params: Params, schema?: z.ZodType<T>): Promise<T[]> => {
    if (closed) throw new VcError('store_closed', 'the store has been closed', 'open it again')
    if (readsSystemRollups(sql)) await options.roll()
    const asked = inLane(lane, () => read(sql, params))
    running.add(asked)
    try {
      const found = await asked
      return schema ? found.map((row) => schema.parse(row)) : (found as T[])
    } finally {
      running.delete(asked)
    }
  }
  // A connection must not be closed under a running query.
  const close = async (): Promise<void> => {
    closed = true
    await Promise.allSettled(running)
  }
  const dbOf = (lane: Lane): Db => {
    const rows: Db['rows'] = (sql, params = {}, schema) => rowsOf(lane, sql, params, schema)
    return {
      rows,
      current: <T>(tables: readonly string[], sql: string, params: Params = {}) =>
        options.memory.recall(`${sql}\u0000${JSON.stringify(params, plainKey)}`, tables, () =>
          rows(sql, params),
        ) as Promise<T[]>,
      kept: <T>(table: KeptTable, columns: readonly string[]) =>
        keptPictures(talkOf(options.engine.writer)).rows(table, columns, () =>
          rows(`SELECT ${names(columns)} FROM "${table}"`),
        ) as Promise<T[]>,
    }
  }
  return { db: dbOf('own'), answers: dbOf('asked'), close }
}

const plainKey = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

const readRows = async (
  connection: DuckDBConnection,
  sql: string,
  params: Params,
  timeoutMs: number,
): Promise<PlainRow[]> => {
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    connection.interrupt()
  }, timeoutMs)
  try {
    const whole = withLiterals(sql, params)
    const reader = await (whole === null
      ? connection.runAndReadAll(sql, bind(params))
      : connection.runAndReadAll(whole))
    const columns = reader.deduplicatedColumnNames()
    const rows: PlainRow[] = []
    for (const [index, row] of reader.getRows().entries()) {
      if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await setImmediate()
      rows.push(Object.fromEntries(columns.map((name, at) => [name, toPlain(row[at] ?? null)])))
    }
    return rows
  } catch (error) {
    if (timedOut) throw timeoutError(timeoutMs)
    const ofArchive = archiveError(error)
    if (ofArchive !== null) throw ofArchive
    throw new VcError('query_failed', messageOf(error), 'report this with `vc db info`', { cause: error })
  } finally {
    clearTimeout(timer)
  }
}

const timeoutError = (timeoutMs: number): VcError =>
  new VcError(
    'query_timeout',
    `the query ran longer than ${timeoutMs} ms and was stopped`,
    'ask for a shorter time range',
    {
      exitCode: EXIT.timedOut,
    },
  )

const QUOTED_OR_NAME = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_]\w*)/g

/**
 * The question with its parameters written in, which is one call of the driver instead of three; null where a value must
 * be bound: as text a number might have another type, and NUL cannot stand there.
 */
export const withLiterals = (sql: string, params: Params): string | null => {
  const written = new Map<string, string>()
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'number' || typeof value === 'bigint') return null
    const cell = literal(value instanceof Date ? stamp(value) : value)
    if (cell === null) return null
    written.set(name, typeof value === 'string' ? `${cell}::VARCHAR` : cell)
  }
  return sql.replace(QUOTED_OR_NAME, (found, name: string | undefined) =>
    name === undefined ? found : (written.get(name) ?? found),
  )
}

const bind = (params: Params): Record<string, DuckDBValue> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value instanceof Date ? stamp(value) : value]),
  )
