import type { ScrapeRun } from '../../core/rows.ts'
import type { Catalog, Table } from '../catalog.ts'
import { stamp } from '../cells.ts'
import { names } from '../sql.ts'
import { fill, stageTypes } from '../stage.ts'
import type { Wave } from './wave.ts'

interface Change {
  readonly run: ScrapeRun
  readonly key: string
  /** Null: forget it. */
  readonly json: string | null
}

/** Up to here a statement of its own for each cursor is cheaper than one over a stage. */
const FEW = 3

/** Cursors commit with the rows they stand for. */
export const writeCursors = async (wave: Wave, catalog: Catalog): Promise<void> => {
  const changes: readonly Change[] = wave.runs.flatMap(({ run, cursors }) =>
    [...new Map(cursors.map((change) => [change.key, change])).values()].map((change) => ({ run, ...change })),
  )
  if (changes.length === 0) return
  const table = catalog.get('cursors') as Table
  if (changes.length > FEW) return writeMany(wave, table, changes)
  for (const change of changes) await writeOne(wave, change)
}

const writeOne = async (wave: Wave, { run, key, json }: Change): Promise<void> => {
  const id = [run.machineId, run.collector, key]
  const where = 'machine_id = $1 AND source = $2 AND cursor_key = $3'
  if (json === null) {
    await wave.connection.run(`DELETE FROM cursors WHERE ${where}`, id)
    return
  }
  const values = [...id, json, stamp(run.startedAt.getTime())]
  const changed = await wave.connection.run(
    `UPDATE cursors SET value_json = $4, updated_at = $5 WHERE ${where}`,
    values,
  )
  if (changed.rowsChanged > 0) return
  await wave.connection.run(
    'INSERT INTO cursors (machine_id, source, cursor_key, value_json, updated_at) VALUES ($1, $2, $3, $4, $5)',
    values,
  )
}

const writeMany = async (wave: Wave, table: Table, changes: readonly Change[]): Promise<void> => {
  await fill(wave.connection, 'stage_cursors', stageTypes(table), [
    changes.map(() => 0),
    changes.map((_, seq) => seq),
    changes.map(({ json }) => json !== null),
    changes.map(() => null),
    changes.map(({ run }) => run.machineId),
    changes.map(({ run }) => run.collector),
    changes.map(({ key }) => key),
    changes.map(({ json }) => json),
    changes.map(({ run }) => stamp(run.startedAt.getTime())),
  ])
  if (changes.some(({ json }) => json === null)) {
    await wave.connection.run(
      `DELETE FROM cursors AS c USING stage_cursors AS s WHERE NOT s._mark
       AND c.machine_id = s.machine_id AND c.source = s.source AND c.cursor_key = s.cursor_key`,
    )
  }
  const columns = names(table.columns.map((column) => column.name))
  await wave.connection.run(
    `INSERT INTO cursors (${columns}) SELECT ${columns} FROM stage_cursors WHERE _mark
     ON CONFLICT DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`,
  )
}
