import type { Admitted, Block } from '../admit.ts'
import type { Table } from '../catalog.ts'
import { keyText, msOf } from '../cells.ts'
import { text } from '../sql.ts'
import { stageOf } from '../stage.ts'
import type { Talk } from '../talk.ts'
import { emptyPictures } from './empty-pictures.ts'

/** Runs that commit together, at most one of each machine and collector. `_run` in a stage is the index here. */
export interface Wave {
  readonly connection: Talk
  readonly runs: readonly Admitted[]
  /** A run older than the picture already stored adds history only, it never replaces what is newer. */
  readonly late: readonly boolean[]
  /** By the clock of the store. */
  readonly nowMs: number
  /** Rows added per run. */
  readonly inserted: number[]
}

/** One run's block in the wave. */
export interface RunBlock {
  readonly run: number
  /** Start of that run. */
  readonly at: Date
  readonly block: Block
}

export const columnOf = (block: Block, name: string) => block.cells[block.columns.indexOf(name)]

/** First row of each key over all blocks, in order: what a run repeats within itself is stored once. */
export const firstOfKey = (blocks: readonly RunBlock[], key: readonly string[]): readonly (readonly number[])[] => {
  const seen = new Set<string>()
  return blocks.map(({ block }) => {
    const columns = key.map((name) => columnOf(block, name))
    const pick: number[] = []
    for (let row = 0; row < block.count; row++) {
      const text = keyText(columns.map((column) => column?.[row]))
      if (!seen.has(text)) pick.push(row)
      seen.add(text)
    }
    return pick
  })
}

/** Earliest and latest value of a time column, in ms; null without rows. */
export const timeRange = (blocks: readonly RunBlock[], column: string): readonly [number, number] | null => {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const { block } of blocks) {
    const cells = columnOf(block, column)
    for (let row = 0; row < block.count; row++) {
      const ms = msOf(cells?.[row])
      if (ms < low) low = ms
      if (ms > high) high = ms
    }
  }
  return low <= high ? [low, high] : null
}

/** Adds to each run's count. `total` rows of `blocks` were written: all of them, or those that `where` selects. */
export const countPerRun = async (
  wave: Wave,
  table: string,
  total: number,
  blocks: readonly { readonly run: number; readonly block: Block; readonly pick?: readonly number[] }[],
  where = '',
): Promise<void> => {
  if (total === 0) return
  const add = (run: number, count: number): void => {
    wave.inserted[run] = (wave.inserted[run] ?? 0) + count
  }
  const staged = blocks.map(({ run, block, pick }) => [run, pick?.length ?? block.count] as const)
  if (staged.reduce((sum, [, count]) => sum + count, 0) === total) {
    for (const [run, count] of staged) add(run, count)
    return
  }
  const sql = `SELECT s._run, count(*) FROM ${stageOf(table)} AS s ${where} GROUP BY 1`
  for (const [run, count] of (await wave.connection.runAndReadAll(sql)).getRows()) add(Number(run), Number(count))
}

/** Condition that selects what these runs' machines and sources have: by single columns, because pairs are joined and not looked up. */
export const ofPairs = (wave: Wave, blocks: readonly { readonly run: number }[]): string => {
  const runs = blocks.flatMap(({ run }) => wave.runs[run]?.run ?? [])
  const bySource = Map.groupBy(runs, ({ collector }) => collector)
  return [...bySource]
    .map(([source, own]) => {
      const machines = [...new Set(own.map(({ machineId }) => machineId))].map(text).join(', ')
      return `(source = ${text(source)} AND machine_id IN (${machines}))`
    })
    .join(' OR ')
}

/** Empties the pictures of these runs' machines and sources; those known to be empty cost nothing. */
export const deletePictures = (wave: Wave, latest: Table, blocks: readonly { readonly run: number }[]): void => {
  const empty = emptyPictures(wave.connection, latest.name)
  const filled = blocks.filter(({ run }) => !empty.has(pairOf(wave, run)))
  if (filled.length > 0) wave.connection.say(`DELETE FROM "${latest.name}" WHERE ${ofPairs(wave, filled)}`)
}

/** Notes how many rows the pictures of these runs have now. */
export const notePictures = (
  wave: Wave,
  latest: Table,
  blocks: readonly { readonly run: number; readonly pick: readonly number[] }[],
): void => {
  const empty = emptyPictures(wave.connection, latest.name)
  for (const { run } of blocks) empty.add(pairOf(wave, run))
  for (const { run, pick } of blocks) if (pick.length > 0) empty.delete(pairOf(wave, run))
}

/** Whether the pictures of these runs are known to hold no row. */
export const areEmpty = (
  wave: Wave,
  latest: Pick<Table, 'name'>,
  blocks: readonly { readonly run: number }[],
): boolean => {
  const empty = emptyPictures(wave.connection, latest.name)
  return blocks.every(({ run }) => empty.has(pairOf(wave, run)))
}

/** Machine and source of a run, as memories of pictures are kept by. */
export const pairOf = (wave: Wave, run: number): string => {
  const { machineId, collector } = wave.runs[run]?.run ?? { machineId: '', collector: '' }
  return keyText([machineId, collector])
}
