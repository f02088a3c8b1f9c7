import type { Block } from '../admit.ts'
import type { Table } from '../catalog.ts'
import { keyText } from '../cells.ts'
import type { TableSpec } from '../registry.ts'
import { differs, names, sameKey } from '../sql.ts'
import { stageBlocks, stageOf } from '../stage.ts'
import type { RunBlock, Wave } from './wave.ts'
import { columnOf, countPerRun } from './wave.ts'

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
  for (const group of sameShape(spec, blocks)) {
    await stageBlocks(wave.connection, table, group)
    const columns = group[0]?.block.columns ?? []
    if (twin) await appendTwin(wave, spec, table, columns)
    await upsert(wave, spec, table, columns, group)
  }
}

/** Blocks that name the same columns and no key twice go in one statement; order between the groups is kept. */
const sameShape = (spec: TableSpec, blocks: readonly RunBlock[]): readonly (readonly RunBlock[])[] => {
  const groups: RunBlock[][] = []
  let shape = ''
  let seen = new Set<string>()
  for (const one of blocks) {
    if (one.block.count === 0) continue
    const keys = keysOf(one.block, spec.key)
    const mine = one.block.columns.join()
    if (mine !== shape || keys.some((key) => seen.has(key))) {
      groups.push([])
      shape = mine
      seen = new Set()
    }
    groups.at(-1)?.push(one)
    for (const key of keys) seen.add(key)
  }
  return groups
}

const keysOf = (block: Block, key: readonly string[]): readonly string[] => {
  const columns = key.map((name) => columnOf(block, name))
  return Array.from({ length: block.count }, (_, row) => keyText(columns.map((column) => column?.[row])))
}

const joined = (spec: TableSpec, table: Table): string =>
  `${stageOf(table.name)} AS s LEFT JOIN "${table.name}" AS t ON ${sameKey(spec.key, 's', 't')}`

const appendTwin = async (wave: Wave, spec: TableSpec, table: Table, given: readonly string[]): Promise<void> => {
  const all = table.columns.map((column) => column.name)
  const values = all.map((name) => (given.includes(name) ? `s."${name}"` : `t."${name}"`)).join(', ')
  const loud = given.filter((name) => !spec.key.includes(name) && !spec.quiet?.includes(name))
  await wave.connection.run(
    `INSERT INTO "${spec.twin}" (event_at, ${names(all)})
     SELECT s._at, ${values} FROM ${joined(spec, table)}
     WHERE t."${spec.key[0]}" IS NULL OR ${differs(loud, 's', 't')}`,
  )
}

const upsert = async (
  wave: Wave,
  spec: TableSpec,
  table: Table,
  given: readonly string[],
  group: readonly RunBlock[],
): Promise<void> => {
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
  await countPerRun(wave, table.name, changed, group, where)
  await wave.connection.run(
    `INSERT INTO "${table.name}" (${names(given)}) SELECT ${names(given, 's')} FROM ${stage} AS s ${where} ON CONFLICT ${action}`,
  )
}
