import type { Table } from '../catalog.ts'
import type { TableSpec } from '../registry.ts'
import { differs, names, sameKey, time } from '../sql.ts'
import { stageBlocks, stageOf } from '../stage.ts'
import type { RunBlock, Wave } from './wave.ts'
import { countPerRun } from './wave.ts'

/**
 * `current`: one row per primary key. Columns that a row leaves out stay as they are (NULL on a new row, which a NOT
 * NULL column refuses). A change of more than quiet columns is kept in the twin, with the columns as they are after it.
 */
export const writeCurrent = async (
  wave: Wave,
  spec: TableSpec,
  table: Table,
  twin: Table | undefined,
  blocks: readonly RunBlock[],
): Promise<void> => {
  // Each block names its own set of columns, so blocks go one after the other.
  for (const { run, block } of blocks) {
    if (block.count === 0) continue
    await stageBlocks(wave.connection, table, [{ run, block }])
    if (twin) await appendTwin(wave, spec, table, run, block.columns)
    await upsert(wave, spec, table, block.columns)
  }
}

const joined = (spec: TableSpec, table: Table): string =>
  `${stageOf(table.name)} AS s LEFT JOIN "${table.name}" AS t ON ${sameKey(spec.key, 's', 't')}`

const appendTwin = async (
  wave: Wave,
  spec: TableSpec,
  table: Table,
  run: number,
  given: readonly string[],
): Promise<void> => {
  const at = wave.runs[run]?.run.startedAt ?? new Date(0)
  const all = table.columns.map((column) => column.name)
  const values = all.map((name) => (given.includes(name) ? `s."${name}"` : `t."${name}"`)).join(', ')
  const loud = given.filter((name) => !spec.key.includes(name) && !spec.quiet?.includes(name))
  await wave.connection.run(
    `INSERT INTO "${spec.twin}" (event_at, ${names(all)})
     SELECT ${time(at)}, ${values} FROM ${joined(spec, table)}
     WHERE t."${spec.key[0]}" IS NULL OR ${differs(loud, 's', 't')}`,
  )
}

const upsert = async (wave: Wave, spec: TableSpec, table: Table, given: readonly string[]): Promise<void> => {
  const rest = given.filter((name) => !spec.key.includes(name))
  const set = rest.map((name) => `"${name}" = excluded."${name}"`).join(', ')
  const action = rest.length > 0 ? `DO UPDATE SET ${set}` : 'DO NOTHING'
  const where = `LEFT JOIN "${table.name}" AS t ON ${sameKey(spec.key, 's', 't')}
    WHERE t."${spec.key[0]}" IS NULL OR ${differs(rest, 's', 't')}`
  // Counted first: afterwards every staged row equals its target.
  const stage = stageOf(table.name)
  const counted = await wave.connection.runAndReadAll(`SELECT count(*) FROM ${stage} AS s ${where}`)
  const changed = Number(counted.getRows()[0]?.[0] ?? 0)
  if (changed === 0) return
  await countPerRun(wave, table.name, changed, where)
  await wave.connection.run(
    `INSERT INTO "${table.name}" (${names(given)}) SELECT ${names(given, 's')} FROM ${stage} AS s ${where} ON CONFLICT ${action}`,
  )
}
