import type * as z from 'zod'
import { EXIT, VcError } from '../../core/errors.ts'
import { across, archiveBegins } from '../archive-state.ts'
import type { Db, Params } from '../db.ts'
import { withHeld } from '../held-rows.ts'
import type { TableName, TableSpec } from '../registry.ts'
import { tableSpec } from '../registry.ts'
import { names, sameKey, time } from '../sql.ts'
import { remembered } from './remembered.ts'

/** When the question is about: absent = now. */
export interface At {
  readonly at?: Date | undefined
}

export interface Picture extends At {
  /** Condition over the table's columns, with `$name` parameters. */
  readonly where?: string
  /** Other tables that the condition reads. */
  readonly reads?: readonly TableName[]
  readonly params?: Params
  readonly orderBy?: string
}

/** Samples older than this at the asked time are no picture of it. */
const PICTURE_MS = 86_400_000

/**
 * The rows of a table as they stood at `at`, or now. Now comes from the latest table; the past from the table's own
 * history or its twin, and is refused with `no_history` where there is none.
 */
export const picture = async <Row>(
  db: Db,
  table: TableName,
  schema: z.ZodObject,
  question: Picture = {},
): Promise<Row[]> => {
  const spec = tableSpec(table) as TableSpec
  const columns = names(Object.keys(schema.shape))
  const where = question.where ? `WHERE ${question.where}` : ''
  const orderBy = question.orderBy ? `ORDER BY ${question.orderBy}` : ''
  if (question.at) {
    const from = await past(db, spec, question.at)
    return db.rows<Row>(`SELECT ${columns} FROM ${from} ${where} ${orderBy}`, question.params)
  }
  const sql = `SELECT ${columns} FROM ${withHeld(db, spec.latest ?? spec.name)} ${where} ${orderBy}`
  return remembered<Row>(db, [spec.name, ...(question.reads ?? [])], sql, question.params)
}

/** What stands after FROM: the rows of a table as they stood at `at`, or now. */
export const pictureSource = async (db: Db, table: TableName, at: Date | undefined): Promise<string> => {
  const spec = tableSpec(table) as TableSpec
  return at === undefined ? withHeld(db, spec.latest ?? spec.name) : past(db, spec, at)
}

/**
 * Rows of a question of its own over a table as it stood at `at`, or now; that one is remembered until the table, or another
 * that the question names, is written.
 */
export const overPicture = async <Row>(
  db: Db,
  table: TableName | readonly [TableName, ...TableName[]],
  at: Date | undefined,
  sql: (from: string) => string,
  params?: Params,
): Promise<Row[]> => {
  const tables: readonly [TableName, ...TableName[]] = typeof table === 'string' ? [table] : table
  const text = sql(await pictureSource(db, tables[0], at))
  return at === undefined ? remembered<Row>(db, tables, text, params) : db.rows<Row>(text, params)
}

const past = async (db: Db, spec: TableSpec, at: Date): Promise<string> => {
  await refuseBeforeHistory(db, spec, at)
  switch (spec.mode) {
    case 'state':
      return `(SELECT * FROM ${newest(`"${spec.name}"`, 'collected_at', ['machine_id', 'source', ...spec.key], at)} WHERE NOT gone)`
    case 'sample':
      return lastSamples(db, spec.name, at)
    case 'current':
      if (!spec.twin) throw noHistory(spec.name, 'only its present rows are kept')
      return newest(withHeld(db, spec.twin), 'event_at', spec.key, at)
    default:
      return newest(
        across(db, spec.name, spec.time, null, at.getTime()),
        spec.time,
        ['machine_id', ...spec.key.filter((name) => name !== spec.time)],
        at,
      )
  }
}

/**
 * The newest row of each key. Keys and times alone are grouped first: a window over whole rows of three months takes ten
 * times as long.
 */
const newest = (from: string, column: string, key: readonly string[], at: Date): string => {
  const unique = [...new Set(key)]
  const until = `"${column}" <= ${time(at)}`
  // Rows of the archive, and held ones, have no place in the live table; of two of one moment any is right there.
  const last = from.startsWith('(') ? `t."${column}"` : 't.rowid'
  return `(SELECT t.* FROM ${from} AS t
    JOIN (SELECT ${names(unique)}, max("${column}") AS vc_newest FROM ${from} WHERE ${until} GROUP BY ALL) AS n
      ON ${sameKey(unique, 't', 'n')} AND t."${column}" = n.vc_newest
    WHERE t.${until}
    QUALIFY row_number() OVER (PARTITION BY ${names(unique, 't')} ORDER BY ${last} DESC) = 1)`
}

/** What the last run of each machine and source saw. How far back that is, is asked first: then few blocks are read whole. */
const lastSamples = async (db: Db, table: string, at: Date): Promise<string> => {
  const last = (fromMs: number): string =>
    `SELECT machine_id, source, max(collected_at) AS vc_newest FROM ${across(db, table, 'collected_at', fromMs, at.getTime())}
     WHERE collected_at BETWEEN ${time(fromMs)} AND ${time(at)} GROUP BY ALL`
  const [row] = await db.rows<{ low: string | null }>(
    `SELECT min(vc_newest) AS low FROM (${last(at.getTime() - PICTURE_MS)})`,
  )
  const low = row?.low ? Date.parse(row.low) : at.getTime()
  return `(SELECT t.* FROM ${across(db, table, 'collected_at', low, at.getTime())} AS t JOIN (${last(low)}) AS n
      ON t.machine_id = n.machine_id AND t.source = n.source AND t.collected_at = n.vc_newest
    WHERE t.collected_at BETWEEN ${time(low)} AND ${time(at)})`
}

type Rows = Db['rows']
// When history begins is asked once: it only ever moves on, and then a row that is gone is gone from the answer too.
const begins = new WeakMap<Rows, Map<string, number>>()

/** When what is remembered of a table begins; the first run of anything counts, a table may have been empty then. */
export const historyBegan = async (db: Db, spec: Pick<TableSpec, 'name' | 'twin'>): Promise<number> => {
  const known = begins.get(db.rows) ?? new Map<string, number>()
  begins.set(db.rows, known)
  const told = known.get(spec.name)
  if (told !== undefined) return told
  const own = spec.twin ? `UNION ALL SELECT min(event_at) FROM "${spec.twin}"` : ''
  const [row] = await db.rows<{ began: string | null }>(
    `SELECT min(first) AS began FROM (SELECT min(collected_at) AS first FROM scrapes ${own})`,
  )
  if (!row?.began)
    throw noHistory(spec.name, 'nothing has been collected yet', 'vc daemon --detach, or once: vc collect')
  const began = Math.min(Date.parse(row.began), archiveBegins(db, 'scrapes') ?? Number.POSITIVE_INFINITY)
  known.set(spec.name, began)
  return began
}

/** Whether vc had begun to look by then. */
export const historyReaches = async (db: Db, at: Date): Promise<boolean> => {
  const began = await historyBegan(db, { name: 'scrapes' }).catch((error: unknown) => {
    if (error instanceof VcError && error.code === 'no_history') return Number.POSITIVE_INFINITY
    throw error
  })
  return began <= at.getTime()
}

/** vc cannot know what was before it first looked; an empty answer would claim that nothing was there. */
export const refuseBeforeHistory = async (db: Db, spec: Pick<TableSpec, 'name' | 'twin'>, at: Date): Promise<void> => {
  const began = await historyBegan(db, spec)
  if (at.getTime() < began) throw noHistory(spec.name, `what is remembered begins at ${new Date(began).toISOString()}`)
}

export const noHistory = (what: string, why: string, fix = 'ask for a later time, or leave --at out'): VcError =>
  new VcError('no_history', `${what} cannot be told for that time: ${why}`, fix, { exitCode: EXIT.refused })
