import type { DuckDBConnection } from '@duckdb/node-api'
import type { ScrapeRun } from '../../core/rows.ts'
import type { Catalog, Table } from '../catalog.ts'
import { keyText, stamp } from '../cells.ts'
import { literal } from '../literals.ts'
import { names, time } from '../sql.ts'
import { appendColumns, fill, stageShape } from '../stage.ts'
import { ofPairs, type Wave } from './wave.ts'

interface Change {
  readonly run: ScrapeRun
  readonly key: string
  /** Null: forget it. */
  readonly json: string | null
}

/** Up to here a statement of its own for each cursor is cheaper than one over a stage. */
const FEW = 3
/** From here on it is worth asking whether there are any to be changed: at a first look at a history there are none. */
const MANY = 500

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
  const there = writtenCursors(wave.connection)
  const id = [run.machineId, run.collector, key]
  if (json === null) {
    there.delete(keyText(id))
    await wave.connection.run('DELETE FROM cursors WHERE machine_id = $1 AND source = $2 AND cursor_key = $3', id)
    return
  }
  if (there.has(keyText(id)) && sayUpdate(wave, { run, key, json })) return
  await wave.connection.run(
    `INSERT INTO cursors (machine_id, source, cursor_key, value_json, updated_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`,
    [...id, json, stamp(run.startedAt.getTime())],
  )
  there.add(keyText(id))
}

/** Beyond this a parameter is cheaper than text to be parsed. */
const MAX_TEXT_CHARS = 16 * 1024

/** False when its words cannot travel as text. */
const sayUpdate = (wave: Wave, { run, key, json }: Change & { readonly json: string }): boolean => {
  if (json.length > MAX_TEXT_CHARS) return false
  const [value, machine, source, name] = [json, run.machineId, run.collector, key].map(literal)
  if (!value || !machine || !source || !name) return false
  const at = time(run.startedAt)
  wave.connection.say(
    `UPDATE cursors SET value_json = ${value}, updated_at = ${at} WHERE machine_id = ${machine} AND source = ${source} AND cursor_key = ${name}`,
  )
  return true
}

const written = new WeakMap<DuckDBConnection, Set<string>>()

/** Cursors that this connection wrote one by one, as `keyText`: they are there to be changed in place. */
const writtenCursors = (connection: DuckDBConnection): Set<string> => {
  const there = written.get(connection) ?? new Set<string>()
  written.set(connection, there)
  return there
}

/** After a commit that failed, or cursors forgotten another way, nothing is known any more. */
export const forgetCursors = (connection: DuckDBConnection): void => void written.delete(connection)

const writeMany = async (wave: Wave, table: Table, changes: readonly Change[]): Promise<void> => {
  const columns = [
    changes.map(({ run }) => run.machineId),
    changes.map(({ run }) => run.collector),
    changes.map(({ key }) => key),
    changes.map(({ json }) => json),
    changes.map(({ run }) => stamp(run.startedAt.getTime())),
  ]
  if (changes.length > MANY && changes.every(({ json }) => json !== null) && !(await haveCursors(wave)))
    return appendColumns(wave.connection, table, columns)
  await fill(wave.connection, stageShape(table), [
    changes.map(() => 0),
    changes.map((_, seq) => seq),
    changes.map(({ json }) => json !== null),
    changes.map(() => null),
    ...columns,
  ])
  if (changes.some(({ json }) => json === null)) {
    forgetCursors(wave.connection)
    await wave.connection.run(
      `DELETE FROM cursors AS c USING stage_cursors AS s WHERE NOT s._mark
       AND c.machine_id = s.machine_id AND c.source = s.source AND c.cursor_key = s.cursor_key`,
    )
  }
  const all = names(table.columns.map((column) => column.name))
  await wave.connection.run(
    `INSERT INTO cursors (${all}) SELECT ${all} FROM stage_cursors WHERE _mark
     ON CONFLICT DO UPDATE SET value_json = excluded.value_json, updated_at = excluded.updated_at`,
  )
}

/** Whether any machine and source of the wave has a cursor already; a first look has none that could be another's. */
const haveCursors = async (wave: Wave): Promise<boolean> => {
  const which = ofPairs(
    wave,
    wave.runs.map((_, run) => ({ run })),
  )
  const found = await wave.connection.runAndReadAll(`SELECT 1 FROM cursors WHERE ${which} LIMIT 1`)
  return found.currentRowCount > 0
}
