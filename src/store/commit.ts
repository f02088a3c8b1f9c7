import type { DuckDBConnection } from '@duckdb/node-api'
import { type AppendOutcome, rowCount } from '../core/rows.ts'
import type { Admitted } from './admit.ts'
import type { Catalog, Table } from './catalog.ts'
import { keptPictures } from './kept-pictures.ts'
import type { TableSpec } from './registry.ts'
import { TABLES } from './registry.ts'
import { dropStages, forgetStages } from './stage.ts'
import { type Talk, talkOf } from './talk.ts'
import { writeCurrent } from './write/current.ts'
import { forgetCursors, writeCursors } from './write/cursors.ts'
import { forgetPictures } from './write/empty-pictures.ts'
import { writeFacts } from './write/facts.ts'
import { fillFirst } from './write/first-fill.ts'
import { writeLedger } from './write/ledger.ts'
import { forgetLooks } from './write/looks.ts'
import { catchUp, rollLater, rollPending } from './write/pending-rollups.ts'
import { rollUsage } from './write/rollups.ts'
import { readPrevious, writeScrapes } from './write/scrapes.ts'
import { writeState } from './write/state.ts'
import { areEmpty, type RunBlock, type Wave } from './write/wave.ts'

export interface Committed {
  readonly outcomes: readonly AppendOutcome[]
  /** Tables whose rows may be others than before. */
  readonly changed: ReadonlySet<string>
}

/** Writes these runs in one transaction: facts, latest, rollups, cursors and scrape rows together or not at all. */
export const commitRuns = async (
  connection: DuckDBConnection,
  catalog: Catalog,
  runs: readonly Admitted[],
  nowMs: number,
): Promise<Committed> => {
  const outcomes = new Map<Admitted, AppendOutcome>()
  const changed = new Set<string>()
  const talk = talkOf(connection)
  try {
    talk.say('BEGIN')
    await catchUp(talk)
    for (const wave of waves(runs)) {
      const inserted = await writeWave(talk, catalog, wave, nowMs, changed)
      for (const [index, admitted] of wave.entries()) outcomes.set(admitted, outcome(admitted, inserted[index] ?? 0))
    }
    // Whoever wants to read buckets commits no runs: then they are brought up to date whatever their age.
    const rolled = rollPending(talk, runs.length === 0)
    await talk.run('COMMIT')
    rolled()
    keptPictures(talk).settle()
  } catch (error) {
    talk.unsay()
    // What was remembered as written may be gone with the transaction.
    forgetPictures(talk)
    keptPictures(talk).forget()
    forgetLooks(talk)
    forgetCursors(talk)
    forgetStages(talk)
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
  // Temp tables count as memory: what a backfill staged is let go at once.
  if (rowsOf(runs) > BIG_GROUP_ROWS) await dropStages(talk, [...tablesOf(runs), 'cursors'])
  return {
    outcomes: runs.map((admitted) => outcomes.get(admitted) ?? { ok: true, inserted: 0, duplicates: 0 }),
    changed,
  }
}

const BIG_GROUP_ROWS = 10_000

const rowsOf = (runs: readonly Admitted[]): number =>
  runs.reduce((sum, { blocks }) => sum + blocks.reduce((rows, block) => rows + block.count, 0), 0)

const tablesOf = (runs: readonly Admitted[]): readonly string[] =>
  runs.flatMap(({ blocks }) => blocks.map(({ spec }) => spec.name))

const outcome = (admitted: Admitted, inserted: number): AppendOutcome => {
  const rows = admitted.run.batches.reduce((sum, batch) => sum + rowCount(batch), 0)
  return { ok: true, inserted, duplicates: Math.max(0, rows - inserted) }
}

/** Nothing but a scrape row that says "looked, nothing new": it changes no picture that the next run would have to see. */
const isQuiet = ({ run, blocks, cursors }: Admitted): boolean => run.up && cursors.length === 0 && blocks.length === 0

/**
 * Two runs of one machine and collector must see each other's result, so they go one after the other; quiet ones in a
 * row have nothing to see and go together.
 */
const waves = (runs: readonly Admitted[]): readonly (readonly Admitted[])[] => {
  const seen = new Map<string, { readonly at: number; readonly quiet: boolean }>()
  const result: Admitted[][] = []
  for (const admitted of runs) {
    const key = `${admitted.run.machineId}\u0001${admitted.run.collector}`
    const quiet = isQuiet(admitted)
    const before = seen.get(key)
    const at = before === undefined ? 0 : before.quiet && quiet ? before.at : before.at + 1
    seen.set(key, { at, quiet })
    const wave = result[at]
    if (wave) wave.push(admitted)
    else result[at] = [admitted]
  }
  return result
}

const writeWave = async (
  connection: Talk,
  catalog: Catalog,
  runs: readonly Admitted[],
  nowMs: number,
  changed: Set<string>,
): Promise<readonly number[]> => {
  const previous = await readPrevious(connection, runs, nowMs)
  const late = runs.map(({ run }, index) => run.startedAt.getTime() < (previous[index]?.lookedAt ?? 0))
  const wave: Wave = { connection, runs, late, nowMs, inserted: runs.map(() => 0) }
  const found = blocksByTable(runs)
  for (const spec of TABLES as readonly TableSpec[]) {
    const blocks = found.get(spec.name)
    if (blocks === undefined || !mayChange(wave, spec, blocks)) continue
    changed.add(spec.name)
    await writeTable(wave, catalog, spec, blocks)
  }
  if (runs.some(({ scrape }) => scrape)) changed.add('scrapes')
  await writeScrapes(wave, catalog, previous)
  await writeCursors(wave, catalog)
  return wave.inserted
}

/** Nothing is seen, and nothing was there before. */
const mayChange = (wave: Wave, { mode, latest }: TableSpec, blocks: readonly RunBlock[]): boolean =>
  blocks.some(({ block }) => block.count > 0) ||
  (latest !== undefined && (mode === 'state' || mode === 'sample') && !areEmpty(wave, { name: latest }, blocks))

/** In the order of the runs. */
const blocksByTable = (runs: readonly Admitted[]): ReadonlyMap<string, readonly RunBlock[]> => {
  const found = new Map<string, RunBlock[]>()
  for (const [run, { run: of, blocks }] of runs.entries())
    for (const block of blocks) {
      const mine = found.get(block.spec.name)
      const one = { run, at: of.startedAt, block }
      if (mine) mine.push(one)
      else found.set(block.spec.name, [one])
    }
  return found
}

const writeTable = async (
  wave: Wave,
  catalog: Catalog,
  spec: TableSpec,
  blocks: readonly RunBlock[],
): Promise<void> => {
  const table = catalog.get(spec.name) as Table
  const latest = spec.latest === undefined ? undefined : catalog.get(spec.latest)
  switch (spec.mode) {
    case 'current':
      return writeCurrent(wave, spec, table, spec.twin === undefined ? undefined : catalog.get(spec.twin), blocks)
    case 'state':
      if (!latest) throw new Error(`state table ${spec.name} has no latest table`)
      return writeState(wave, spec, table, latest, blocks)
    case 'ledger':
      if (await fillFirst(wave, table, blocks)) return
      if (await writeLedger(wave, table, blocks)) await rollUsage(wave.connection)
      return
    case 'own':
      throw new Error(`${spec.name} is written by the store alone`)
    default:
      await writeFacts(wave, spec, table, latest, blocks)
      if (spec.name === 'sys_samples') rollLater(wave.connection, blocks, wave.nowMs)
  }
}
