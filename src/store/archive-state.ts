import { join } from 'node:path'
import type { Db } from './db.ts'
import { text, time } from './sql.ts'

export interface SealedDay {
  /** Below the data folder. */
  readonly path: string
  /** The live rows were removed: only the archive holds them. */
  readonly deleted: boolean
}

/** Which days of which tables lie in the archive; kept in memory by whoever has the store open. */
export interface ArchiveState {
  readonly dataDir: string
  readonly days: Map<string, Map<string, SealedDay>>
}

const DAY_MS = 86_400_000
const states = new WeakMap<Db['rows'], ArchiveState>()

export const dayOf = (at: Date | number): string => new Date(at).toISOString().slice(0, 10)
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00Z`)

export const setArchive = (rows: Db['rows'], state: ArchiveState): void => void states.set(rows, state)

/** The first day that only the archive holds; null: the live table has everything. */
export const archiveBegins = (db: Db, table: string): number | null => {
  const gone = [...(states.get(db.rows)?.days.get(table) ?? [])].filter(([, day]) => day.deleted).map(([day]) => day)
  return gone.length === 0 ? null : dayStart(gone.sort()[0] as string)
}

/**
 * What to select from for a span of time: the live table, and with it the files of those days that were moved out. Without
 * any, the table alone, so that looking back costs nothing more while nothing was moved.
 */
export const across = (db: Db, table: string, column: string, from: number | null, to: number): string => {
  const state = states.get(db.rows)
  const files = [...(state?.days.get(table) ?? [])]
    .filter(([day, { deleted }]) => deleted && dayStart(day) <= to && (from === null || dayStart(day) + DAY_MS > from))
    .map(([, { path }]) => text(join(state?.dataDir ?? '', path)))
  if (files.length === 0) return `"${table}"`
  const until = `"${column}" <= ${time(to)}`
  return `(SELECT * FROM "${table}" WHERE ${until} UNION ALL BY NAME
    SELECT * FROM read_parquet([${files.join(', ')}], hive_partitioning = false, union_by_name = true) WHERE ${until})`
}

/** The same for a span as questions name it; an open end is now. */
export const spanned = (
  db: Db,
  table: string,
  column: string,
  span: { readonly since: Date; readonly until?: Date | undefined },
  backMs = 0,
): string => across(db, table, column, span.since.getTime() - backMs, (span.until ?? new Date()).getTime())
