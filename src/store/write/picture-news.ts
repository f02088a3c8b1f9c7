import type { DuckDBValue } from '@duckdb/node-api'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import type { Table } from '../catalog.ts'
import { keyText } from '../cells.ts'
import { names } from '../sql.ts'
import type { StagedBlock } from '../stage.ts'
import type { Wave } from './wave.ts'
import { columnOf, ofPairs } from './wave.ts'

export interface PickedBlock extends StagedBlock {
  readonly pick: readonly number[]
}

/** False only when it is sure; the statements that write history decide exactly. */
export interface PictureNews {
  /** Rows may be new or differ from the last picture. */
  readonly changed: boolean
  /** The last picture may hold rows that this one does not. */
  readonly missing: boolean
}

type Cells = readonly (DuckDBValue | undefined)[]

/** Most pictures show what the last one showed: one small read then saves the joins that would find nothing. */
export const newsOf = async (
  wave: Wave,
  latest: Table,
  key: readonly string[],
  loud: readonly string[],
  picked: readonly PickedBlock[],
): Promise<PictureNews> => {
  const id = ['machine_id', 'source', ...key]
  const columns = [...id, ...loud]
  const seen = rowsByKey(columns, id.length, picked)
  let changed = seen.size !== picked.reduce((sum, { pick }) => sum + pick.length, 0)
  let missing = false
  const met = new Set<string>()
  const stored = await wave.connection.runAndReadAll(
    `SELECT ${names(columns)} FROM "${latest.name}" WHERE ${ofPairs(wave, picked)}`,
  )
  for (const row of stored.getRows()) {
    const text = keyText(row.slice(0, id.length))
    const now = seen.get(text)
    met.add(text)
    if (!now) missing = true
    else if (!row.every((cell, index) => isSame(cell, now[index]))) changed = true
  }
  return { changed: changed || [...seen.keys()].some((text) => !met.has(text)), missing }
}

const rowsByKey = (
  columns: readonly string[],
  idLength: number,
  picked: readonly PickedBlock[],
): ReadonlyMap<string, Cells> => {
  const rows = new Map<string, Cells>()
  for (const { block, pick } of picked) {
    const cells = columns.map((name) => columnOf(block, name))
    for (const at of pick) {
      const row = cells.map((column) => column?.[at])
      rows.set(keyText(row.slice(0, idLength)), row)
    }
  }
  return rows
}

const isSame = (a: DuckDBValue, b: DuckDBValue | undefined): boolean =>
  a === (b ?? null) || (a instanceof DuckDBTimestampValue && b instanceof DuckDBTimestampValue && a.micros === b.micros)
