import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { Table } from './catalog.ts'
import { keyText } from './cells.ts'
import { toPlain } from './convert.ts'
import type { PlainRow } from './db.ts'

/** Latest tables that each judgement reads whole. Whoever writes one of them says so here. */
export type KeptTable = 'latest_sys_samples' | 'latest_sys_filesystems' | 'latest_sys_pressure' | 'latest_scrapes'

/** The rows of one machine and source, in these columns. */
type RowsOf = (columns: readonly string[]) => readonly PlainRow[]

/** `pair` is the `keyText` of machine and source; without one nobody knows any more what the table holds. */
interface Change {
  readonly table: string
  readonly pair?: string
  readonly rows?: RowsOf
}

interface Kept {
  readonly columns: readonly string[]
  readonly pairs: Map<string, readonly PlainRow[]>
}

/**
 * What these tables hold, as the owner wrote it last: a daemon judges each ten seconds what it has just written, and
 * reading that back was most of what it asked the database. Changes count once their transaction is committed.
 */
class KeptPictures {
  readonly #kept = new Map<string, Kept>()
  readonly #versions = new Map<string, number>()
  #changes: Change[] = []

  /** These are all rows of this machine and source now. */
  replace(table: string, pair: string, rows: RowsOf): void {
    this.#changes.push({ table, pair, rows })
  }

  /** The table was written in a way that does not tell its rows. */
  lose(table: string): void {
    this.#changes.push({ table })
  }

  settle(): void {
    for (const change of this.#changes) this.#apply(change)
    this.#changes = []
  }

  /** After a commit that failed: what was to change did not, or nobody knows. */
  forget(): void {
    for (const { table } of this.#changes) this.#apply({ table })
    this.#changes = []
  }

  /** All rows of a table; `read` brings them where nothing is kept. The array is the caller's own, its rows are shared. */
  async rows(table: KeptTable, columns: readonly string[], read: () => Promise<PlainRow[]>): Promise<PlainRow[]> {
    const kept = this.#kept.get(table)
    if (kept !== undefined && kept.columns.join() === columns.join()) return [...kept.pairs.values()].flat()
    const version = this.#versions.get(table)
    const rows = await read()
    if (this.#versions.get(table) === version)
      this.#kept.set(table, { columns, pairs: Map.groupBy(rows, (row) => pairOfRow(row)) })
    return rows
  }

  #apply({ table, pair, rows }: Change): void {
    this.#versions.set(table, (this.#versions.get(table) ?? 0) + 1)
    const kept = this.#kept.get(table)
    if (kept === undefined) return
    if (pair === undefined || rows === undefined) this.#kept.delete(table)
    else kept.pairs.set(pair, rows(kept.columns))
  }
}

const pairOfRow = (row: PlainRow): string => keyText([String(row.machine_id), String(row.source)])

const pictures = new WeakMap<DuckDBConnection, KeptPictures>()

/** Of the writer connection: only what goes through it changes these tables. */
export const keptPictures = (writer: DuckDBConnection): KeptPictures => {
  const known = pictures.get(writer) ?? new KeptPictures()
  pictures.set(writer, known)
  return known
}

/** A row as it is read once it is written: numbers of a FLOAT column lose what it cannot hold. */
export const asRead = (
  table: Table,
  columns: readonly string[],
  cellOf: (column: string) => DuckDBValue | undefined,
): PlainRow => {
  const row: Record<string, PlainRow[string]> = {}
  for (const name of columns) row[name] = plainCell(table, name, cellOf(name) ?? null)
  return row
}

const plainCell = (table: Table, name: string, cell: DuckDBValue): PlainRow[string] => {
  if (typeof cell === 'string') return cell.toWellFormed()
  const isSingle = typeof cell === 'number' && table.byName.get(name)?.type === 'FLOAT'
  return toPlain(isSingle ? Math.fround(cell) : cell)
}
