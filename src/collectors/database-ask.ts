import type { CollectContext } from '../core/collector.ts'
import type { Fault } from '../core/faults.ts'

/** `table.column` of the tables asked about, sorted. */
export type Columns = readonly string[]

/** Rows by kind, each an object of plain JSON. */
export type Kinds = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>

/** One statement in parts: `selects` each give the columns `k` (kind) and `j` (a JSON object). */
export interface DatabaseSql {
  readonly with?: string
  readonly selects: readonly string[]
}

export type DatabaseAnswer =
  | { readonly is: 'rows'; readonly kinds: Kinds; readonly columns: Columns }
  | { readonly is: 'missing' }
  | { readonly is: 'fault'; readonly fault: Fault; readonly detail: string }

export interface DatabaseQuestion {
  readonly path: string
  readonly tables: readonly string[]
  /** Columns without which this is another program's file. */
  readonly required: readonly string[]
  /** Columns as they were at the last look; null at the first. */
  readonly remembered: Columns | null
  readonly sql: (columns: Columns) => DatabaseSql
}

const schemaSelect = (tables: readonly string[]): string =>
  `SELECT 'column' AS k, json_object('t', m.name, 'c', p.name) AS j FROM sqlite_master AS m
   JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' AND m.name IN (${tables.map((name) => `'${name}'`).join(', ')})`

/**
 * One statement that reads the schema and the facts together, so that both are of one moment: the file may be migrated
 * between two looks. Only a first look, or one after a change of columns, asks twice.
 */
export async function askDatabase(ctx: CollectContext, question: DatabaseQuestion): Promise<DatabaseAnswer> {
  let columns = question.remembered
  for (let round = 0; round < 4; round += 1) {
    const answer = await ctx.sqlite(question.path, statement(question, columns))
    if (answer.is === 'missing') return answer
    if (answer.is === 'fault') {
      const detail = `${question.path}: ${answer.detail ?? answer.fault}`
      if (columns === null || !/no such (column|table)/.test(detail))
        return { is: 'fault', fault: answer.fault, detail }
      columns = null
      continue
    }
    const kinds = kindsOf(answer.rows)
    const found = columnsOf(kinds)
    const lacks = question.required.find((column) => !found.includes(column))
    if (lacks !== undefined) return { is: 'fault', fault: 'bad_output', detail: `${question.path}: no column ${lacks}` }
    if (columns !== null && found.join() === columns.join()) return { is: 'rows', kinds, columns }
    columns = found
  }
  return { is: 'fault', fault: 'bad_output', detail: `${question.path}: its tables change while they are read` }
}

const statement = (question: DatabaseQuestion, columns: Columns | null): string => {
  const schema = schemaSelect(question.tables)
  if (columns === null) return schema
  const { with: ctes, selects } = question.sql(columns)
  return [ctes === undefined ? '' : `WITH ${ctes}`, [schema, ...selects].join('\nUNION ALL ')].join('\n').trim()
}

const kindsOf = (rows: readonly Record<string, unknown>[]): Kinds =>
  Map.groupBy(
    rows.flatMap((row) => {
      const value = jsonObject(row.j)
      return value === null ? [] : [{ kind: String(row.k), value }]
    }),
    ({ kind }) => kind,
  )
    .entries()
    .reduce(
      (kinds, [kind, list]) =>
        kinds.set(
          kind,
          list.map(({ value }) => value),
        ),
      new Map<string, Record<string, unknown>[]>(),
    )

const jsonObject = (text: unknown): Record<string, unknown> | null => {
  if (typeof text !== 'string') return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

const columnsOf = (kinds: Kinds): Columns =>
  (kinds.get('column') ?? []).map(({ t, c }) => `${String(t)}.${String(c)}`).sort()

/** A text column as JSON may hold it: a blob in its place would refuse the whole answer. NULL where the file has none. */
export const textOf = (columns: Columns, column: string, alias: string, chars = 1024): string =>
  columns.includes(column) ? `substr(CAST(${alias}.${column.split('.')[1]} AS TEXT), 1, ${chars})` : 'NULL'

/** The same for a whole number. */
export const integerOf = (columns: Columns, column: string, alias: string): string =>
  columns.includes(column) ? `CAST(${alias}.${column.split('.')[1]} AS INTEGER)` : 'NULL'
