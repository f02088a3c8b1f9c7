import type { Table } from '../catalog.ts'
import { msOf } from '../cells.ts'
import { asRead, keptPictures } from '../kept-pictures.ts'
import type { TableSpec } from '../registry.ts'
import { names, sameKey, time } from '../sql.ts'
import { appendRows, areTwins, type StagedBlock, stageBlocks, stageOf } from '../stage.ts'
import { forgetPictures } from './empty-pictures.ts'
import { areNew } from './newest.ts'
import type { RunBlock, Wave } from './wave.ts'
import { columnOf, countPerRun, deletePictures, firstOfKey, notePictures, pairOf, timeRange } from './wave.ts'

/** `sample` and `event`: append what the batch's own time range does not hold yet, and keep the newest picture. */
export const writeFacts = async (
  wave: Wave,
  spec: TableSpec,
  table: Table,
  latest: Table | undefined,
  blocks: readonly RunBlock[],
): Promise<void> => {
  const staged = pickFacts(spec, blocks)
  if (spec.mode === 'sample' && (await areNew(wave.connection, spec, blocks))) {
    return appendNew(wave, table, latest, staged)
  }
  await stageBlocks(wave.connection, table, staged)
  if (latest && spec.mode === 'sample') await replacePicture(wave, table, latest, blocks)
  const range = timeRange(blocks, spec.time)
  if (!range) return
  if (latest && spec.mode === 'event') await upsertNewest(wave, spec, table, latest)
  const stage = stageOf(table.name)
  const columns = names(table.columns.map((column) => column.name))
  await wave.connection.run(
    `DELETE FROM ${stage} AS s USING (
       SELECT ${names(spec.key)} FROM "${table.name}" WHERE "${spec.time}" BETWEEN ${time(range[0])} AND ${time(range[1])}
     ) AS t WHERE ${sameKey(spec.key, 's', 't')}`,
  )
  const added = await wave.connection.run(
    `INSERT INTO "${table.name}" (${columns}) SELECT ${columns} FROM ${stage} ORDER BY _seq`,
  )
  await countPerRun(wave, table.name, added.rowsChanged, staged)
}

/** Each key once, and a mark on the newest rows of each block. */
const pickFacts = (spec: TableSpec, blocks: readonly RunBlock[]): readonly PickedBlock[] => {
  const picks = firstOfKey(blocks, spec.key)
  return blocks.map(({ run, at, block }, index) => {
    const cells = columnOf(block, spec.time)
    const newest = timeRange([{ run, at, block }], spec.time)?.[1]
    const mark = (row: number): boolean => msOf(cells?.[row]) === newest
    return { run, at, block, pick: picks[index] ?? [], mark }
  })
}

interface PickedBlock extends StagedBlock {
  readonly pick: readonly number[]
  readonly mark: (row: number) => boolean
}

/** Rows newer than all that is stored cannot be there yet: no stage, no search, two appends and a delete. */
const appendNew = async (
  wave: Wave,
  table: Table,
  latest: Table | undefined,
  picked: readonly PickedBlock[],
): Promise<void> => {
  const fresh = latest ? freshOf(wave, picked) : []
  // All rows are the newest of their machines, as one look after the other brings them.
  let isBoth = false
  if (latest && fresh.length > 0) {
    deletePictures(wave, latest, fresh)
    const newest = fresh.map((one) => ({ ...one, pick: one.pick.filter(one.mark) }))
    isBoth = rowsIn(newest) === rowsIn(picked) && areTwins(table, latest)
    if (!isBoth) await appendRows(wave.connection, latest, newest)
    notePictures(wave, latest, newest)
    keepPictures(wave, latest, newest)
  }
  await appendRows(wave.connection, table, picked, isBoth ? latest : undefined)
  for (const { run, pick } of picked) wave.inserted[run] = (wave.inserted[run] ?? 0) + pick.length
}

const rowsIn = (blocks: readonly PickedBlock[]): number => blocks.reduce((rows, { pick }) => rows + pick.length, 0)

/** Remembers what was just written of these pictures, once it is committed. */
const keepPictures = (wave: Wave, latest: Table, blocks: readonly StagedBlock[]): void => {
  for (const [run, mine] of Map.groupBy(blocks, (one) => one.run))
    keptPictures(wave.connection).replace(latest.name, pairOf(wave, run), (columns) =>
      mine.flatMap(({ block, pick = [] }) =>
        pick.map((row) => asRead(latest, columns, (name) => columnOf(block, name)?.[row])),
      ),
    )
}

/** Blocks that replace the picture: of runs that are not late, and of failed runs only when they saw something. */
const freshOf = <T extends RunBlock>(wave: Wave, blocks: readonly T[]): readonly T[] =>
  blocks.filter(({ run, block }) => !wave.late[run] && ((wave.runs[run]?.run.up ?? false) || block.count > 0))

/** The latest picture of a sample is what the newest run of that machine and source saw, empty included. */
const replacePicture = async (wave: Wave, table: Table, latest: Table, blocks: readonly RunBlock[]): Promise<void> => {
  const fresh = freshOf(wave, blocks)
  if (fresh.length === 0) return
  const runs = fresh.map(({ run }) => run).join(', ')
  const columns = names(latest.columns.map((column) => column.name))
  deletePictures(wave, latest, fresh)
  forgetPictures(wave.connection, latest.name)
  keptPictures(wave.connection).lose(latest.name)
  await wave.connection.run(
    `INSERT INTO "${latest.name}" (${columns}) SELECT ${columns} FROM ${stageOf(table.name)} WHERE _mark AND _run IN (${runs})`,
  )
}

/** By so much the clocks of machines may differ; further ahead of now a time tells only of a clock that was wrong. */
const CLOCKS_APART_MS = 86_400_000

/** The newest observation of each primary key of the latest table; an older one never replaces it. */
const upsertNewest = async (wave: Wave, spec: TableSpec, table: Table, latest: Table): Promise<void> => {
  const all = latest.columns.map((column) => column.name)
  const rest = all.filter((name) => !latest.primaryKey.includes(name))
  const set = rest.map((name) => `"${name}" = excluded."${name}"`).join(', ')
  const bound = time(wave.nowMs + CLOCKS_APART_MS)
  const stage = stageOf(table.name)
  forgetPictures(wave.connection, latest.name)
  // A window over whole rows takes three times as long where a history comes at once.
  await wave.connection.run(
    `INSERT INTO "${latest.name}" (${names(all)})
     SELECT ${names(all)} FROM ${stage}
     WHERE _seq IN (SELECT arg_max(_seq, ("${spec.time}", _seq)) FROM ${stage} GROUP BY ${names(latest.primaryKey)})
     ON CONFLICT DO UPDATE SET ${set} WHERE excluded."${spec.time}" >= "${latest.name}"."${spec.time}"
       OR (excluded."${spec.time}" <= ${bound} AND "${latest.name}"."${spec.time}" > ${bound})`,
  )
}
