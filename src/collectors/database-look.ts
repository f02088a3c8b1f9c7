import type * as z from 'zod'
import type { CollectContext } from '../core/collector.ts'
import type { Fault } from '../core/faults.ts'
import type { CursorChange, RowBatch, Warning } from '../core/rows.ts'
import { askDatabase, type Columns, type DatabaseSql, type Kinds } from './database-ask.ts'
import type { FoundDatabase } from './database-find.ts'

/** How one program's database is read, page by page. `State` is what the cursor keeps between looks. */
export interface DatabaseSource<State> {
  readonly tables: readonly string[]
  readonly required: readonly string[]
  readonly state: z.ZodType<State>
  readonly fresh: State
  /** Rows of a page; fewer are asked for where that many do not fit into an answer. */
  readonly pageRows: number
  sql(state: State, columns: Columns, page: { readonly rows: number; readonly at: Date }): DatabaseSql
  parse(kinds: Kinds, state: State, about: PageAbout): Page<State>
  /** Due although nothing was written, e.g. because a reservation ran out. */
  isDue?(state: State, at: Date): boolean
}

export interface PageAbout {
  readonly path: string
  readonly columns: Columns
  readonly at: Date
  readonly rows: number
}

export interface Page<State> {
  readonly batches: readonly RowBatch[]
  readonly state: State
  /** More pages wait. */
  readonly more: boolean
  /** The ids begin anew: another database under the same inode. */
  readonly restart?: boolean
  readonly unreadable?: number
  readonly warnings?: readonly Warning[]
}

export interface Looked {
  readonly batches: readonly RowBatch[]
  readonly cursors: readonly CursorChange[]
  readonly fault: Fault | null
  readonly detail: string | null
  readonly columns: Columns
}

interface Kept<State> {
  readonly inode: string
  readonly stamp: string
  readonly restless: boolean
  readonly more: boolean
  readonly columns: Columns | null
  readonly state: State
}

const PAGES = 10

export const cursorKey = (path: string): string => `db:${path}`

/** Reads what is new in one database. A file that has not changed since the last look is not opened. */
export async function lookAt<State>(
  ctx: CollectContext,
  found: FoundDatabase,
  source: DatabaseSource<State>,
): Promise<Looked> {
  if (found.is === 'denied') return failed('exit_code', `${found.path}: permission denied`)
  if (found.is === 'irregular') return failed('bad_output', `${found.path}: not a regular file`)
  const kept = readKept(ctx.cursors.get(cursorKey(found.path)), found, source)
  const changed = kept.stamp !== found.stamp
  const due = changed || kept.restless || kept.more || (source.isDue?.(kept.state, ctx.startedAt) ?? false)
  if (!due) return { ...NOTHING, columns: kept.columns ?? [] }
  const read = await readPages(ctx, found.path, source, kept)
  // Two changes may share a second: one more look after the last one seen.
  const value = { ...read.kept, inode: found.inode, stamp: found.stamp, restless: changed }
  const cursors = read.fault !== null && read.batches.length === 0 ? [] : [{ key: cursorKey(found.path), value }]
  return { batches: read.batches, cursors, fault: read.fault, detail: read.detail, columns: read.kept.columns ?? [] }
}

const NOTHING: Looked = { batches: [], cursors: [], fault: null, detail: null, columns: [] }

const failed = (fault: Fault, detail: string): Looked => ({ ...NOTHING, fault, detail })

const readKept = <State>(value: unknown, found: FoundDatabase, source: DatabaseSource<State>): Kept<State> => {
  const empty: Kept<State> = { inode: '', stamp: '', restless: false, more: false, columns: null, state: source.fresh }
  if (typeof value !== 'object' || value === null) return empty
  const kept = value as Partial<Kept<unknown>>
  const state = source.state.safeParse(kept.state)
  // Another inode is another database; a cursor of another shape is none.
  if (!state.success || kept.inode !== found.inode) return empty
  const columns =
    Array.isArray(kept.columns) && kept.columns.every((name) => typeof name === 'string') ? kept.columns : null
  return {
    inode: found.inode,
    stamp: String(kept.stamp),
    restless: kept.restless === true,
    more: kept.more === true,
    columns,
    state: state.data,
  }
}

const readPages = async <State>(
  ctx: CollectContext,
  path: string,
  source: DatabaseSource<State>,
  before: Kept<State>,
) => {
  const batches: RowBatch[] = []
  let kept = before
  let unreadable = 0
  let rows = source.pageRows
  for (let page = 0; page < PAGES; page += 1) {
    const { state } = kept
    const answer = await askDatabase(ctx, {
      path,
      tables: source.tables,
      required: source.required,
      remembered: kept.columns,
      sql: (columns) => source.sql(state, columns, { rows, at: ctx.startedAt }),
    })
    if (answer.is === 'missing') return { batches, kept, fault: null, detail: `${path} vanished` }
    if (answer.is === 'fault' && answer.fault === 'truncated' && rows >= 10) rows = Math.floor(rows / 10)
    else if (answer.is === 'fault') return { batches, kept, fault: answer.fault, detail: answer.detail }
    else {
      const read = source.parse(answer.kinds, state, { path, columns: answer.columns, at: ctx.startedAt, rows })
      const restart = read.restart === true && page === 0
      kept = {
        ...kept,
        columns: answer.columns,
        state: restart ? source.fresh : read.state,
        more: read.more || restart,
      }
      if (restart) continue
      unreadable += read.unreadable ?? 0
      for (const { code, message, fix } of read.warnings ?? []) ctx.warn(code, message, fix)
      batches.push(...read.batches)
      if (!read.more) break
    }
  }
  warnUnreadable(ctx, path, unreadable)
  return { batches: merged(batches), kept, fault: null, detail: null }
}

const warnUnreadable = (ctx: CollectContext, path: string, unreadable: number): void => {
  if (unreadable === 0) return
  ctx.warn(
    'unreadable_rows',
    `${unreadable} rows of ${path} could not be read and are not counted`,
    'see whether that program is newer than what this vc was tested with',
  )
}

/** One batch per table; of a picture the last page's is the newest. */
const merged = (batches: readonly RowBatch[]): readonly RowBatch[] => {
  const byTable = Map.groupBy(batches, ({ table, scope }) => `${table}\0${scope ?? ''}`)
  return [...byTable.values()].flatMap((list) => {
    const last = list.at(-1)
    if (last === undefined) return []
    return [last.scope === undefined ? { ...last, rows: list.flatMap(({ rows }) => rows) } : last]
  })
}
