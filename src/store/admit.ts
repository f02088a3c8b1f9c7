import { setImmediate } from 'node:timers/promises'
import type { DuckDBValue } from '@duckdb/node-api'
import { messageOf } from '../core/errors.ts'
import { type PackedRows, unpackRows } from '../core/packed-rows.ts'
import { redact } from '../core/redact.ts'
import { type Cell, type Row, type RowBatch, rowCount, type ScrapeRun } from '../core/rows.ts'
import { admitPacked } from './admit-packed.ts'
import type { Catalog, Column, Table } from './catalog.ts'
import { toCell } from './cells.ts'
import type { TableSpec } from './registry.ts'
import { tableSpec } from './registry.ts'

/** Rows of one run for one table, column by column, checked and redacted. */
export interface Block {
  readonly spec: TableSpec
  readonly table: Table
  readonly columns: readonly string[]
  /** One array per column, all `count` long. */
  readonly cells: readonly DuckDBValue[][]
  /** Many rows of a `ledger` table as they came, checked; `cells` is empty then. */
  readonly packed?: PackedRows
  readonly count: number
  /** Part of the picture these rows replace; null: the whole machine × source. */
  readonly scope: string | null
}

export interface Admitted {
  readonly run: ScrapeRun
  /** False for what vc itself writes: no `scrapes` row. */
  readonly scrape: boolean
  readonly blocks: readonly Block[]
  readonly cursors: readonly { readonly key: string; readonly json: string | null }[]
}

/** From here on rows stay packed on their way to a stage. */
const BULK_ROWS = 2048

/** Blocks beyond this give way between columns. */
const ROWS_PER_TURN = 4096

/** Checks a whole run against the catalogue before anything is written; throws one sentence naming table and column. */
export const admitRun = async (catalog: Catalog, run: ScrapeRun, scrape: boolean): Promise<Admitted> => {
  const blocks: Block[] = []
  for (const batch of run.batches.filter(says)) blocks.push(...(await admitBatch(catalog, run, batch)))
  const cursors = run.cursors.map(({ key, value }) => ({ key, json: value === null ? null : cursorJson(key, value) }))
  return { run, scrape, blocks, cursors }
}

/** No rows are a picture of nothing where a picture is kept, and nothing at all elsewhere. */
const says = (batch: RowBatch): boolean => {
  const mode = tableSpec(batch.table)?.mode
  return rowCount(batch) > 0 || (mode !== 'event' && mode !== 'current' && mode !== 'ledger')
}

const cursorJson = (key: string, value: unknown): string => {
  try {
    const json = JSON.stringify(value)
    if (json !== undefined) return json
  } catch (error) {
    throw new TypeError(`cursor ${key} is not JSON: ${messageOf(error)}`)
  }
  throw new TypeError(`cursor ${key} is not JSON`)
}

const admitBatch = async (catalog: Catalog, run: ScrapeRun, batch: RowBatch): Promise<readonly Block[]> => {
  const spec = tableSpec(batch.table)
  const table = catalog.get(batch.table)
  if (!spec || !table) throw new TypeError(`no table ${batch.table} in the registry`)
  if (spec.mode === 'own') throw new TypeError(`${batch.table} is written by the store alone`)
  const fill = envelope(run, spec, table, batch.scope ?? null)
  const text = new Set(spec.text)
  const { packed } = batch
  if (packed && spec.mode !== 'ledger') throw new TypeError(`${spec.name} takes no packed rows`)
  if (packed && packed.count >= BULK_ROWS && batch.rows.length === 0) {
    const columns = table.columns.map((column) => column.name)
    const checked = admitPacked(table, packed, fill, text)
    return [{ spec, table, columns, cells: [], packed: checked, count: packed.count, scope: null }]
  }
  const rows = packed ? [...batch.rows, ...unpackRows(packed)] : batch.rows
  const blocks: Block[] = []
  for (const part of split(spec, rows)) {
    const columns = columnsOf(spec, table, fill, part)
    for (const row of part) refuseUnknown(table, row)
    if (spec.mode === 'state' || spec.mode === 'sample') for (const row of part) refuseForeign(run, spec, row)
    const cells: DuckDBValue[][] = []
    for (const column of columns) {
      cells.push(admitColumn(table, column, part, fill.get(column.name), text.has(column.name)))
      // Other work of the process must get its turn during a backfill.
      if (part.length > ROWS_PER_TURN) await setImmediate()
    }
    blocks.push({
      spec,
      table,
      columns: columns.map((column) => column.name),
      cells,
      count: part.length,
      scope: batch.scope ?? null,
    })
  }
  return blocks
}

const refuseUnknown = (table: Table, row: Row): void => {
  for (const name in row) {
    if (!table.byName.has(name)) throw new TypeError(`${table.name} has no column ${name}`)
  }
}

/** A picture is replaced by machine and source: a row under another name would stay in it for ever. */
const refuseForeign = (run: ScrapeRun, spec: TableSpec, row: Row): void => {
  const { machine_id: machine = run.machineId, source = run.collector } = row
  if (machine !== run.machineId) throw new TypeError(`${spec.name} row names another machine than its run`)
  if (source !== run.collector) throw new TypeError(`${spec.name} row names another source than its run`)
}

/** Column by column: the same value many times over (a machine, a time) is then converted once. */
const admitColumn = (
  table: Table,
  column: Column,
  rows: readonly Row[],
  fallback: Cell | undefined,
  foreign: boolean,
): DuckDBValue[] => {
  // As long as it will be: most hold one row, and what grows begins with room for many.
  const cells = new Array<DuckDBValue>(rows.length)
  let lastGiven: Cell | undefined
  let lastCell: DuckDBValue | undefined
  try {
    for (let index = 0; index < rows.length; index++) {
      const given = (rows[index] as Row)[column.name]
      const value = given === undefined ? fallback : given
      if (lastCell === undefined || value !== lastGiven) {
        lastCell = toCell(foreign && typeof value === 'string' ? redact(value) : value, column)
        lastGiven = value
      }
      cells[index] = lastCell
    }
  } catch (error) {
    throw new TypeError(`${table.name}.${column.name} ${messageOf(error)}`)
  }
  return cells
}

/** Columns a row need not name. Tables without `collected_at` have no envelope: they get their machine only. */
const envelope = (run: ScrapeRun, spec: TableSpec, table: Table, scope: string | null): ReadonlyMap<string, Cell> => {
  const fill = new Map<string, Cell>()
  if (table.byName.get('machine_id')?.nullable === false) fill.set('machine_id', run.machineId)
  if (!table.byName.has('collected_at')) return fill
  fill.set('collected_at', run.startedAt)
  fill.set('source', run.collector)
  fill.set('source_version', run.sourceVersion)
  fill.set('schema_version', run.schemaVersion)
  if (spec.mode === 'state') fill.set('scope', scope ?? '').set('gone', false)
  return fill
}

/** `current` rows may leave columns out (they stay as they are), so rows are grouped by the columns they name. */
const split = (spec: TableSpec, rows: readonly Row[]): readonly (readonly Row[])[] => {
  if (spec.mode !== 'current') return [rows]
  const parts: Row[][] = []
  const inOrder = new Map<string, string>()
  let last: { names: string; keys: Set<string>; rows: Row[] } | null = null
  for (const row of rows) {
    const named = Object.keys(row).join()
    const names = inOrder.get(named) ?? Object.keys(row).sort().join()
    inOrder.set(named, names)
    const key = spec.key.map((column) => String(row[column])).join('\u0001')
    if (!last || last.names !== names || last.keys.has(key)) {
      last = { names, keys: new Set(), rows: [] }
      parts.push(last.rows)
    }
    last.keys.add(key)
    last.rows.push(row)
  }
  return parts
}

const columnsOf = (
  spec: TableSpec,
  table: Table,
  fill: ReadonlyMap<string, Cell>,
  rows: readonly Row[],
): readonly Column[] => {
  const first = rows[0]
  if (spec.mode !== 'current' || !first) return table.columns
  return table.columns.filter(({ name }) => first[name] !== undefined || fill.has(name))
}
