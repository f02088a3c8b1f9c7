import type { DuckDBValue } from '@duckdb/node-api'
import { admitRun, type Block } from './admit.ts'
import type { Catalog } from './catalog.ts'
import { stamp } from './cells.ts'
import type { Db } from './db.ts'
import { literal } from './literals.ts'
import { type OwnChange, ownRun } from './own-run.ts'
import type { TableSpec } from './registry.ts'
import { names } from './sql.ts'

/** What to select from in place of a table of which rows wait for room; empty while everything is written. */
export type HeldRows = Map<string, string>

const states = new WeakMap<Db['rows'], HeldRows>()

export const setHeld = (rows: Db['rows'], held: HeldRows): void => void states.set(rows, held)

/** The table alone, or with the rows that wait for room: then it reads as it will when they are written. */
export const withHeld = (db: Db, table: string): string => states.get(db.rows)?.get(table) ?? `"${table}"`

interface HeldRow {
  readonly spec: TableSpec
  readonly key: string
  /** Each column as SQL. */
  readonly cells: readonly string[]
  readonly at: string
}

const cellText = (value: DuckDBValue, type: string, name: string): string =>
  `${literal(typeof value === 'string' ? value.replaceAll('\u0000', '') : value)}::${type} AS "${name}"`

const rowsOf = (at: Date, { spec, table, columns, cells, count }: Block): HeldRow[] =>
  Array.from({ length: count }, (_, row) => ({
    spec,
    key: spec.key.map((name) => String(cells[columns.indexOf(name)]?.[row])).join('\u0001'),
    cells: columns.map((name, i) => cellText(cells[i]?.[row] ?? null, table.byName.get(name)?.type ?? 'VARCHAR', name)),
    at: cellText(stamp(at), 'TIMESTAMP', 'event_at'),
  }))

const selected = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => `SELECT ${cells.join(', ')}`).join(' UNION ALL ')

/** The newest held row of a key stands for the one that is stored. */
const present = ({ name, key }: TableSpec, rows: readonly HeldRow[]): string => {
  const newest = selected([...new Map(rows.map((row) => [row.key, row.cells])).values()])
  return `(SELECT * FROM "${name}" ANTI JOIN (${newest}) USING (${names(key)}) UNION ALL BY NAME ${newest})`
}

/** What was written meanwhile is not told twice; what is held has its place behind all that is stored. */
const past = (twin: string, key: readonly string[], rows: readonly HeldRow[]): string => {
  const events = selected(rows.map(({ at, cells }) => [at, ...cells]))
  return `(SELECT rowid, * FROM "${twin}" UNION ALL BY NAME
    SELECT * FROM (${events}) ANTI JOIN "${twin}" USING ("event_at", ${names(key)}))`
}

/** Holds whole rows of `current` tables, in place of what was held before. */
export const holdRows = async (held: HeldRows, catalog: Catalog, changes: readonly OwnChange[]): Promise<void> => {
  const admitted = await Promise.all(changes.map((change) => admitRun(catalog, ownRun(change), false)))
  const rows = admitted.flatMap(({ run, blocks }) => blocks.flatMap((block) => rowsOf(run.startedAt, block)))
  held.clear()
  for (const [spec, mine] of Map.groupBy(rows, (row) => row.spec)) {
    held.set(spec.name, present(spec, mine))
    if (spec.twin !== undefined) held.set(spec.twin, past(spec.twin, spec.key, mine))
  }
}
