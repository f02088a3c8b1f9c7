import { CLOSED_AFTER_MS, mayArchive, mayDelete } from '../archive.ts'
import { dayOf } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { TABLES, type TableSpec } from '../registry.ts'
import { text, time } from '../sql.ts'

export interface TableRetention {
  readonly table: string
  /** Days at full resolution; null: for ever. */
  readonly keepDays: number | null
  /** archive and delete | archive only | keep */
  readonly policy: 'delete' | 'copy' | 'keep'
  readonly rows: number
  /** Blocks it takes in the file, those of long texts too; what was written since the last checkpoint is in none yet. */
  readonly bytes: number
  readonly oldest: string | null
  readonly archivedDays: number
  readonly archivedRows: number
  readonly archivedBytes: number
  readonly lateRefused: number
}

const policyOf = (spec: TableSpec): TableRetention['policy'] =>
  mayDelete(spec) ? 'delete' : mayArchive(spec) ? 'copy' : 'keep'

// A file keeps the blocks it was made with.
const blockBytes = async (db: Db): Promise<number> => {
  const [file] = await db.rows<{ block_size: number }>(
    'SELECT block_size FROM pragma_database_size() WHERE database_name = current_database()',
  )
  return file?.block_size ?? 0
}

/** The policy of each table, with what it holds. Twins and latest tables are kept as long as their table is known. */
export const retention = async (db: Db): Promise<TableRetention[]> => {
  const specs = TABLES as readonly TableSpec[]
  const counts = await db.rows<{ table_name: string; row_count: number; oldest: string | null }>(
    specs
      .map(
        (s) =>
          `SELECT ${text(s.name)} AS table_name, count(*) AS row_count, min("${s.time}") AS oldest FROM "${s.name}"`,
      )
      .join(' UNION ALL '),
  )
  const seals = await db.rows<{ table_name: string; days: number; row_count: number; bytes: number; late: number }>(
    `SELECT table_name, count(*) AS days, sum(rows) AS row_count, sum(bytes) AS bytes, sum(late_refused) AS late
     FROM archive_seals GROUP BY ALL`,
  )
  const perBlock = await blockBytes(db)
  const byName = new Map(counts.map((row) => [row.table_name, row]))
  const sealed = new Map(seals.map((row) => [row.table_name, row]))
  const out: TableRetention[] = []
  for (const spec of specs) {
    const row = byName.get(spec.name)
    const [size] = row?.row_count
      ? await db.rows<{ blocks: number }>(
          `SELECT count(DISTINCT block) AS blocks FROM (
             SELECT unnest(additional_block_ids || [block_id]) AS block FROM pragma_storage_info(${text(spec.name)})
           ) WHERE block >= 0`,
        )
      : []
    out.push({
      table: spec.name,
      keepDays: spec.retentionDays,
      policy: policyOf(spec),
      rows: row?.row_count ?? 0,
      bytes: (size?.blocks ?? 0) * perBlock,
      oldest: row?.oldest ?? null,
      archivedDays: sealed.get(spec.name)?.days ?? 0,
      archivedRows: sealed.get(spec.name)?.row_count ?? 0,
      archivedBytes: sealed.get(spec.name)?.bytes ?? 0,
      lateRefused: sealed.get(spec.name)?.late ?? 0,
    })
  }
  return out
}

export interface VacuumStep {
  readonly table: string
  readonly day: string
  readonly rows: number
  /** It is not in the archive yet, or grew since it was written there. */
  readonly seal: boolean
  /** It is older than it is kept for, and its rows may leave the live file. */
  readonly remove: boolean
}

/** What could be sealed and removed now: closed days, oldest first. Nothing is changed by asking. */
export const planVacuum = async (db: Db, now: Date): Promise<VacuumStep[]> => {
  const specs = (TABLES as readonly TableSpec[]).filter(mayArchive)
  const closed = Date.parse(`${dayOf(now.getTime() - CLOSED_AFTER_MS)}T00:00:00Z`)
  const seals = await db.rows<{ table_name: string; day: string; rows: number }>(
    'SELECT table_name, day, rows FROM archive_seals WHERE deleted_at IS NULL',
  )
  const sealed = new Map(seals.map((row) => [`${row.table_name} ${row.day}`, row.rows]))
  const steps: VacuumStep[] = []
  for (const spec of specs) {
    const days = await db.rows<{ day: string; n: number }>(
      // Days are written out once counted: of each of ten million rows that took a second of a thread.
      `SELECT strftime(date, '%Y-%m-%d') AS day, n FROM (
         SELECT "${spec.time}"::DATE AS date, count(*) AS n FROM "${spec.name}"
         WHERE "${spec.time}" < ${time(closed)} GROUP BY ALL)
       ORDER BY day`,
    )
    const keepFrom = dayOf(now.getTime() - (spec.retentionDays ?? 0) * 86_400_000)
    for (const { day, n } of days) {
      const seal = sealed.get(`${spec.name} ${day}`) !== n
      const remove = mayDelete(spec) && day < keepFrom
      if (seal || remove) steps.push({ table: spec.name, day, rows: n, seal, remove })
    }
  }
  return steps
}
