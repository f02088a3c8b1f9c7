import type { Row, ScrapeRun } from '../core/rows.ts'
import { isGone } from './archive.ts'
import { type ArchiveState, dayOf } from './archive-state.ts'
import type { Engine } from './engine.ts'
import { tableSpec } from './registry.ts'
import { text } from './sql.ts'

export interface LateRows {
  readonly run: ScrapeRun
  /** `table` and `day` to rows refused. */
  readonly refused: ReadonlyMap<string, number>
}

const NONE: ReadonlyMap<string, number> = new Map()

const timeOf = (row: Row, column: string, run: ScrapeRun): Date => {
  const cell = row[column]
  return cell instanceof Date ? cell : run.startedAt
}

/**
 * A run without its rows of days that only the archive holds: a source read again from its beginning would else count them
 * twice, because dedup looks at live rows. The cursor goes on.
 */
export const withoutLate = (run: ScrapeRun, state: ArchiveState): LateRows => {
  if (state.days.size === 0) return { run, refused: NONE }
  const refused = new Map<string, number>()
  const batches = run.batches.map((batch) => {
    const spec = tableSpec(batch.table)
    if (spec === undefined || !state.days.has(batch.table)) return batch
    const rows = batch.rows.filter((row) => {
      const at = timeOf(row, spec.time, run)
      if (!isGone(state, batch.table, at)) return true
      const key = `${batch.table}\u0001${dayOf(at)}`
      refused.set(key, (refused.get(key) ?? 0) + 1)
      return false
    })
    return rows.length === batch.rows.length ? batch : { ...batch, rows }
  })
  return refused.size === 0 ? { run, refused: NONE } : { run: { ...run, batches }, refused }
}

export const countLate = async (engine: Engine, refused: ReadonlyMap<string, number>): Promise<void> => {
  for (const [key, rows] of refused) {
    const [table = '', day = ''] = key.split('\u0001')
    await engine.writer.run(
      `UPDATE archive_seals SET late_refused = late_refused + ${rows} WHERE table_name = ${text(table)} AND day = ${text(day)}`,
    )
  }
}
