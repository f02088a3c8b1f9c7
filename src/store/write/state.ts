import { BOOLEAN, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { Table } from '../catalog.ts'
import { keyText, stamp } from '../cells.ts'
import type { TableSpec } from '../registry.ts'
import { differs, names, sameKey } from '../sql.ts'
import { appendRows, BULK_ROWS, fill, type StageShape, stageBlocks, stageOf } from '../stage.ts'
import { forgetPictures } from './empty-pictures.ts'
import { newsOf, noteNews, type PickedBlock } from './picture-news.ts'
import type { RunBlock, Wave } from './wave.ts'
import { areEmpty, columnOf, countPerRun, deletePictures, notePictures } from './wave.ts'

const ENVELOPE = ['collected_at', 'machine_id', 'source', 'source_version', 'schema_version', 'scope']

/**
 * `state`: the latest table holds the newest picture; only rows that are new, changed (quiet columns apart) or gone
 * become history. A run that failed shows no absence: it may add and change, nothing is marked gone.
 */
export const writeState = async (
  wave: Wave,
  spec: TableSpec,
  table: Table,
  latest: Table,
  blocks: readonly RunBlock[],
): Promise<void> => {
  const fresh = blocks.filter(({ run }) => !wave.late[run])
  if (fresh.length === 0) return
  const staged = fresh.map((one) => ({ ...one, pick: lastOfKey(one, spec.key) }))
  const whole = areWhole(wave, staged)
  // Nothing there before, nothing there now.
  if (whole && staged.every(({ pick }) => pick.length === 0) && areEmpty(wave, latest, staged)) return
  const news = whole
    ? await newsOf(wave, latest, spec.key, loudOf(spec, table), staged)
    : { changed: true, missing: true }
  if (news.changed || news.missing) {
    await stageBlocks(wave.connection, table, staged)
    await stagePictures(wave, fresh)
  }
  if (news.changed) await appendChanged(wave, spec, table, latest, staged)
  if (whole && news.missing) await appendGone(wave, spec, table, latest)
  if (whole) {
    await replaceWhole(wave, latest, staged)
    noteNews(wave, latest, spec.key, loudOf(spec, table), staged)
    return
  }
  await appendGone(wave, spec, table, latest)
  await replaceLatest(wave, spec, table, latest)
}

/** Each block is all that its machine and source show: then whose row is whose needs no join. */
const areWhole = (wave: Wave, picked: readonly PickedBlock[]): boolean =>
  picked.every(({ run, block }) => block.scope === null && (wave.runs[run]?.run.up ?? false)) &&
  picked.reduce((sum, { pick }) => sum + pick.length, 0) < BULK_ROWS

const replaceWhole = async (wave: Wave, latest: Table, picked: readonly PickedBlock[]): Promise<void> => {
  deletePictures(wave, latest, picked)
  const present = picked.map((one) => {
    const gone = columnOf(one.block, 'gone')
    return { ...one, pick: one.pick.filter((row) => gone?.[row] === false) }
  })
  await appendRows(wave.connection, latest, present)
  notePictures(wave, latest, present)
}

/** Columns whose change is history. */
const loudOf = (spec: TableSpec, table: Table): readonly string[] =>
  table.columns
    .map((column) => column.name)
    .filter((name) => !ENVELOPE.includes(name) && !spec.key.includes(name) && !spec.quiet?.includes(name))

/** A picture that names a thing twice means its last word. */
const lastOfKey = ({ block }: RunBlock, key: readonly string[]): readonly number[] => {
  const columns = key.map((name) => columnOf(block, name))
  const rows = new Map<string, number>()
  for (let row = 0; row < block.count; row++) rows.set(keyText(columns.map((column) => column?.[row])), row)
  return [...rows.values()].sort((a, b) => a - b)
}

const PICTURES: StageShape = {
  name: 'stage_pictures',
  columns: [
    { name: '_run', type: INTEGER },
    { name: '_at', type: TIMESTAMP },
    { name: 'machine_id', type: VARCHAR },
    { name: 'source', type: VARCHAR },
    { name: 'scope', type: VARCHAR },
    { name: 'whole', type: BOOLEAN },
    { name: 'complete', type: BOOLEAN },
  ],
}

const stagePictures = async (wave: Wave, blocks: readonly RunBlock[]): Promise<void> => {
  const runs = blocks.map(({ run }) => wave.runs[run]?.run)
  await fill(wave.connection, PICTURES, [
    blocks.map(({ run }) => run),
    blocks.map(({ at }) => stamp(at)),
    runs.map((run) => run?.machineId ?? null),
    runs.map((run) => run?.collector ?? null),
    blocks.map(({ block }) => block.scope ?? ''),
    blocks.map(({ block }) => block.scope === null),
    runs.map((run) => run?.up ?? false),
  ])
}

const IN_PICTURE = 'p.machine_id = l.machine_id AND p.source = l.source AND (p.whole OR p.scope = l.scope)'

const same = (spec: TableSpec, left: string, right: string): string =>
  `${left}.machine_id = ${right}.machine_id AND ${left}.source = ${right}.source AND ${sameKey(spec.key, left, right)}`

const appendChanged = async (
  wave: Wave,
  spec: TableSpec,
  table: Table,
  latest: Table,
  staged: readonly PickedBlock[],
): Promise<void> => {
  const all = table.columns.map((column) => column.name)
  const stage = stageOf(table.name)
  const where = `LEFT JOIN "${latest.name}" AS l ON ${same(spec, 'l', 's')}
    WHERE (l.machine_id IS NULL AND NOT s.gone) OR (l.machine_id IS NOT NULL AND ${differs(loudOf(spec, table), 's', 'l')})`
  const changed = await wave.connection.run(
    `INSERT INTO "${table.name}" (${names(all)}) SELECT ${names(all, 's')} FROM ${stage} AS s ${where} ORDER BY s._seq`,
  )
  await countPerRun(wave, table.name, changed.rowsChanged, staged, where)
}

/** What the last picture held and this one does not, written once more with `gone` and the time it was missed. */
const appendGone = async (wave: Wave, spec: TableSpec, table: Table, latest: Table): Promise<void> => {
  const carried = table.columns
    .map((column) => column.name)
    .filter((name) => name !== 'collected_at' && name !== 'gone')
  // Found first: most pictures miss nothing, and then the wide insert is spared.
  const missed = `FROM "${latest.name}" AS l JOIN stage_pictures AS p ON p.complete AND ${IN_PICTURE}
    WHERE NOT EXISTS (SELECT 1 FROM ${stageOf(table.name)} AS s WHERE ${same(spec, 's', 'l')})`
  const counts = await wave.connection.runAndReadAll(`SELECT p._run, count(*) ${missed} GROUP BY 1`)
  if (counts.currentRowCount === 0) return
  for (const [run, count] of counts.getRows()) {
    wave.inserted[Number(run)] = (wave.inserted[Number(run)] ?? 0) + Number(count)
  }
  await wave.connection.run(
    `INSERT INTO "${table.name}" (collected_at, gone, ${names(carried)}) SELECT p._at, true, ${names(carried, 'l')} ${missed}`,
  )
}

const replaceLatest = async (wave: Wave, spec: TableSpec, table: Table, latest: Table): Promise<void> => {
  const all = names(latest.columns.map((column) => column.name))
  const stage = stageOf(table.name)
  forgetPictures(wave.connection, latest.name)
  await wave.connection.run(
    `DELETE FROM "${latest.name}" AS l
     WHERE EXISTS (SELECT 1 FROM stage_pictures AS p WHERE p.complete AND ${IN_PICTURE})
        OR EXISTS (SELECT 1 FROM ${stage} AS s WHERE ${same(spec, 's', 'l')})`,
  )
  await wave.connection.run(`INSERT INTO "${latest.name}" (${all}) SELECT ${all} FROM ${stage} WHERE NOT gone`)
}
