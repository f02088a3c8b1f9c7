import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { VcError } from '../core/errors.ts'
import { type ArchiveState, dayOf, dayStart } from './archive-state.ts'
import { settleFile, sizeOf } from './backup-files.ts'
import type { Catalog } from './catalog.ts'
import type { Engine } from './engine.ts'
import { type TableSpec, tableSpec } from './registry.ts'
import { names, text, time } from './sql.ts'

export interface ArchiveParts {
  readonly engine: Engine
  readonly catalog: Catalog
  readonly dataDir: string
  readonly state: ArchiveState
}

export interface Sealed {
  readonly table: string
  readonly day: string
  readonly rows: number
  readonly bytes: number
  readonly path: string
}

const DAY_MS = 86_400_000
/** A day is closed when nothing of it is expected any more: sources may be that late. */
export const CLOSED_AFTER_MS = 2 * DAY_MS

/** Whether days of a table may leave the live file. Changes (`state`) are copied only: a picture needs the last one, however old. */
export const mayDelete = (spec: TableSpec): boolean =>
  spec.retentionDays !== null && (spec.mode === 'sample' || spec.mode === 'event' || spec.mode === 'own')
export const mayArchive = (spec: TableSpec): boolean =>
  mayDelete(spec) || (spec.retentionDays !== null && spec.mode === 'state')

const specOf = (table: string): TableSpec => {
  const spec = tableSpec(table)
  if (spec !== undefined && mayArchive(spec)) return spec
  throw new VcError('not_archived', `${table} is kept whole in the live file`, 'vc retention lists what is archived')
}

const inDay = (spec: TableSpec, day: string): string =>
  `"${spec.time}" >= ${time(dayStart(day))} AND "${spec.time}" < ${time(dayStart(day) + DAY_MS)}`

interface Sum {
  readonly rows: number
  readonly checksum: string
}

// A sum and not an exclusive or: two rows that are the same must not cancel out.
const sumOf = async (engine: Engine, columns: readonly string[], from: string, where: string): Promise<Sum> => {
  const sql = `SELECT count(*), coalesce(sum(hash(${names(columns)})), 0)::VARCHAR FROM ${from} WHERE ${where}`
  const [row] = (await engine.writer.runAndReadAll(sql)).getRows()
  return { rows: Number(row?.[0] ?? 0), checksum: String(row?.[1] ?? '0') }
}

const file = (path: string): string => `read_parquet(${text(path)}, hive_partitioning = false)`

const differs = (table: string, day: string): VcError =>
  new VcError(
    'archive_differs',
    `the archive of ${table} for ${day} does not hold what the live table holds; nothing was deleted`,
    'seal the day again: vc vacuum',
  )

/** `COPY` into a name aside, read back, compared, and only then named and noted. Null: that day has no rows. */
export const sealDay = async (
  parts: ArchiveParts,
  table: string,
  day: string,
  hub: string,
  now: Date,
): Promise<Sealed | null> => {
  const { engine, dataDir, state } = parts
  const spec = specOf(table)
  if (dayStart(day) + DAY_MS + CLOSED_AFTER_MS > now.getTime())
    throw new VcError('day_open', `${day} is not closed yet: late rows may still come`, 'wait two days')
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(hub))
    throw new VcError('bad_name', `${hub} is no name of a hub`, 'use letters, digits, _ and -')
  if (state.days.get(table)?.get(day)?.deleted)
    throw new VcError('already_archived', `${table} of ${day} was moved to the archive`, 'nothing is left to seal')
  const columns = parts.catalog.get(table)?.columns.map((column) => column.name) ?? []
  const live = await sumOf(engine, columns, `"${table}"`, inDay(spec, day))
  if (live.rows === 0) return null
  const path = join('archive', table, `hub=${hub}`, `day=${day}`, 'part-0.parquet')
  const target = join(dataDir, path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const aside = `${target}.tmp`
  try {
    await engine.writer.run(
      `COPY (SELECT ${names(columns)} FROM "${table}" WHERE ${inDay(spec, day)} ORDER BY machine_id, "${spec.time}")
       TO ${text(aside)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    const kept = await sumOf(engine, columns, file(aside), 'true')
    if (kept.rows !== live.rows || kept.checksum !== live.checksum) throw differs(table, day)
    await settleFile(aside, target, dirname(target))
  } finally {
    await rm(aside, { force: true })
  }
  const bytes = (await sizeOf(target)) ?? 0
  await engine.writer.run(
    `INSERT INTO archive_seals VALUES (${[table, day, hub, path].map(text).join(', ')}, ${live.rows}, ${bytes}, ${text(live.checksum)}, ${time(now)}, NULL, 0)
     ON CONFLICT DO UPDATE SET hub = excluded.hub, path = excluded.path, rows = excluded.rows, bytes = excluded.bytes,
       checksum = excluded.checksum, sealed_at = excluded.sealed_at`,
  )
  note(state, table, day, path, false)
  return { table, day, rows: live.rows, bytes, path }
}

const note = (state: ArchiveState, table: string, day: string, path: string, deleted: boolean): void => {
  const days = state.days.get(table) ?? new Map()
  days.set(day, { path, deleted })
  state.days.set(table, days)
}

/** Removes the live rows of a sealed day, after file and table were compared once more, row for row. Returns how many. */
export const dropDay = async (parts: ArchiveParts, table: string, day: string, now: Date): Promise<number> => {
  const { engine, dataDir, state } = parts
  const spec = specOf(table)
  if (!mayDelete(spec)) throw new VcError('not_deleted', `rows of ${table} are never deleted`, 'vc retention')
  const sealed = state.days.get(table)?.get(day)
  if (sealed === undefined || sealed.deleted)
    throw new VcError('not_sealed', `${table} of ${day} is not sealed, so nothing of it is deleted`, 'vc vacuum')
  const columns = parts.catalog.get(table)?.columns.map((column) => column.name) ?? []
  const [live, kept] = [
    await sumOf(engine, columns, `"${table}"`, inDay(spec, day)),
    await sumOf(engine, columns, file(join(dataDir, sealed.path)), 'true'),
  ]
  if (live.rows !== kept.rows || live.checksum !== kept.checksum) throw differs(table, day)
  await engine.writer.run('BEGIN')
  try {
    await engine.writer.run(`DELETE FROM "${table}" WHERE ${inDay(spec, day)}`)
    await engine.writer.run(
      `UPDATE archive_seals SET deleted_at = ${time(now)} WHERE table_name = ${text(table)} AND day = ${text(day)}`,
    )
    await engine.writer.run('COMMIT')
  } catch (error) {
    await engine.writer.run('ROLLBACK').catch(() => undefined)
    throw error
  }
  note(state, table, day, sealed.path, true)
  return live.rows
}

/** What is archived, as the table of seals says. */
export const readArchive = async (engine: Engine, dataDir: string): Promise<ArchiveState> => {
  const state: ArchiveState = { dataDir, days: new Map() }
  const found = await engine.writer.runAndReadAll(
    'SELECT table_name, day, path, deleted_at IS NOT NULL FROM archive_seals',
  )
  for (const [table, day, path, deleted] of found.getRows())
    note(state, String(table), String(day), String(path), deleted === true)
  return state
}

/** Days a row may not be added to any more, because the live file gave them away. */
export const isGone = (state: ArchiveState, table: string, at: Date): boolean =>
  state.days.get(table)?.get(dayOf(at))?.deleted ?? false
