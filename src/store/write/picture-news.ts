import type { DuckDBValue } from '@duckdb/node-api'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import { sha256 } from '../../core/ids.ts'
import type { Table } from '../catalog.ts'
import { keyText } from '../cells.ts'
import { names } from '../sql.ts'
import type { StagedBlock } from '../stage.ts'
import { pictureDigests } from './empty-pictures.ts'
import type { Wave } from './wave.ts'
import { columnOf, ofPairs, pairOf } from './wave.ts'

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

/**
 * Most pictures show what the last one showed, as the writer remembers it; what it does not remember costs one small read,
 * which saves the joins that would find nothing.
 */
export const newsOf = async (
  wave: Wave,
  latest: Table,
  key: readonly string[],
  loud: readonly string[],
  all: readonly PickedBlock[],
): Promise<PictureNews> => {
  const id = ['machine_id', 'source', ...key]
  const columns = [...id, ...loud]
  const digests = pictureDigests(wave.connection, latest.name)
  const picked = all.filter((one) => digests.get(pairOf(wave, one.run)) !== digestOf(columns, all, one))
  if (picked.length === 0) return { changed: false, missing: false }
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

/** Remembers what was just written of these pictures. */
export const noteNews = (
  wave: Wave,
  latest: Table,
  key: readonly string[],
  loud: readonly string[],
  all: readonly PickedBlock[],
): void => {
  const digests = pictureDigests(wave.connection, latest.name)
  for (const one of all) {
    const digest = digestOf(['machine_id', 'source', ...key, ...loud], all, one)
    if (digest === null) digests.delete(pairOf(wave, one.run))
    else digests.set(pairOf(wave, one.run), digest)
  }
}

/** What a picture shows, whatever the order of its rows; null where it is not one block of rows that are there. */
const digestOf = (columns: readonly string[], all: readonly PickedBlock[], one: PickedBlock): string | null => {
  const { block, pick } = one
  if (all.some((other) => other !== one && other.run === one.run)) return null
  const gone = columnOf(block, 'gone')
  if (pick.some((at) => gone?.[at] !== false)) return null
  const cells = columns.map((name) => columnOf(block, name))
  const rows = pick.map((at) =>
    cells
      .map((column) => keyText([column?.[at]]))
      .map((text) => `${text.length}:${text}`)
      .join(''),
  )
  return sha256(rows.sort().join('\n'))
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
