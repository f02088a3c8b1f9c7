import { VcError } from '../../core/errors.ts'
import type { Row } from '../../core/rows.ts'
import type { Catalog } from '../catalog.ts'
import type { Db } from '../db.ts'
import { TABLES, type TableSpec } from '../registry.ts'
import { text } from '../sql.ts'
import { narrowedTo } from './known-agents.ts'
import { remembered } from './remembered.ts'
import { typedRows } from './typed-rows.ts'

const readable = new Map<string, TableSpec>(
  (TABLES as readonly TableSpec[]).flatMap((spec): [string, TableSpec][] => {
    if (spec.latest) return [[spec.latest, spec]]
    return spec.mode === 'current' ? [[spec.name, spec]] : []
  }),
)

/** Larger groups are never twice the same: what is remembered of them would only push out other answers. */
const FEW = 4

/**
 * `knownRows` of several machines at once, by machine; those without rows have none here. Of agents, their names, verdicts and
 * sessions only those are told that something may still be joined to.
 */
export const knownRowsOf = async (
  db: Db,
  catalog: Catalog,
  table: string,
  machineIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Row[]>> => {
  const columns = catalog.get(table)
  const spec = readable.get(table)
  if (spec === undefined || !columns?.byName.has('machine_id')) {
    throw new VcError(
      'unknown_table',
      `${table} is no latest table of a machine`,
      `ask for one of: ${[...readable.keys()].join(', ')}`,
    )
  }
  const { and, by } = narrowedTo(table)
  const sql = `SELECT * FROM "${table}" WHERE machine_id IN (${machineIds.map(text).join(', ')})${and}`
  const rows = machineIds.length > FEW ? await db.rows(sql) : await remembered(db, [spec.name, ...by], sql)
  const byMachine = new Map<string, Row[]>()
  for (const row of typedRows(catalog, table, rows)) {
    const machineId = String(row.machine_id)
    const own = byMachine.get(machineId) ?? []
    byMachine.set(machineId, own)
    own.push(row)
  }
  return byMachine
}

/**
 * Rows of a latest or `current` table of one machine in the shape a collector writes them: times are Dates, counters
 * beyond 2^53 bigints. Throws `unknown_table` for any other table, so that no collector scans history.
 */
export const knownRows = async (db: Db, catalog: Catalog, table: string, machineId: string): Promise<readonly Row[]> =>
  (await knownRowsOf(db, catalog, table, [machineId])).get(machineId) ?? []
