import type { DuckDBConnection } from '@duckdb/node-api'
import type { TableSpec } from '../registry.ts'
import { text, time } from '../sql.ts'
import { BULK_ROWS } from '../stage.ts'
import type { RunBlock } from './wave.ts'
import { columnOf, timeRange } from './wave.ts'

/** Machine to ms: no fact of it in the file is newer than this. */
type Bounds = Map<string, number>

/**
 * By table. Only the writer connection adds facts, so what it wrote tells what is there. Bounds are raised before rows
 * are written: a commit that failed leaves them too high, which costs a search, never a row twice.
 */
const known = new WeakMap<DuckDBConnection, Map<string, Bounds>>()

/** True when every row is newer than all its table holds of its machine, so that none of them can be stored already. */
export const areNew = async (
  connection: DuckDBConnection,
  spec: TableSpec,
  blocks: readonly RunBlock[],
): Promise<boolean> => {
  const ranges = rangesOf(spec, blocks)
  const bounds = boundsOf(connection, spec.name)
  await learn(connection, spec, bounds, ranges)
  let fresh = true
  for (const [machine, [low, high]] of ranges) {
    const bound = bounds.get(machine) ?? Number.POSITIVE_INFINITY
    if (low <= bound) fresh = false
    bounds.set(machine, Math.max(bound, high))
  }
  // Many rows go through a stage for its cheaper way with texts.
  return fresh && blocks.reduce((sum, { block }) => sum + block.count, 0) < BULK_ROWS
}

const boundsOf = (connection: DuckDBConnection, table: string): Bounds => {
  const tables = known.get(connection) ?? new Map<string, Bounds>()
  known.set(connection, tables)
  const bounds = tables.get(table) ?? new Map<string, number>()
  tables.set(table, bounds)
  return bounds
}

/** First and last time of each machine's rows. */
const rangesOf = (spec: TableSpec, blocks: readonly RunBlock[]): ReadonlyMap<string, readonly [number, number]> => {
  const ranges = new Map<string, readonly [number, number]>()
  for (const one of blocks) {
    const range = timeRange([one], spec.time)
    if (!range) continue
    const machine = String(columnOf(one.block, 'machine_id')?.[0])
    const before = ranges.get(machine) ?? range
    ranges.set(machine, [Math.min(before[0], range[0]), Math.max(before[1], range[1])])
  }
  return ranges
}

/** Asks once for machines not met since the start, and only from the batch's own time on: zone maps skip the rest. */
const learn = async (
  connection: DuckDBConnection,
  spec: TableSpec,
  bounds: Bounds,
  ranges: ReadonlyMap<string, readonly [number, number]>,
): Promise<void> => {
  const unknown = [...ranges].filter(([machine]) => !bounds.has(machine))
  if (unknown.length === 0) return
  const low = Math.min(...unknown.map(([, [first]]) => first))
  const found = await connection.runAndReadAll(
    `SELECT machine_id, epoch_ms(max("${spec.time}")) FROM "${spec.name}"
     WHERE "${spec.time}" >= ${time(low)} AND machine_id IN (${unknown.map(([machine]) => text(machine)).join(', ')})
     GROUP BY machine_id`,
  )
  for (const [machine] of unknown) bounds.set(machine, low - 1)
  for (const [machine, newest] of found.getRows()) bounds.set(String(machine), Number(newest))
}
