import type { Db, PlainRow } from '../db.ts'
import type { KeptTable } from '../kept-pictures.ts'
import { names } from '../sql.ts'

const compare = (a: PlainRow[string], b: PlainRow[string]): number => {
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Rows of a latest table, of one machine or of all, in the order of these text columns. */
export const keptRows = async <Row>(
  db: Db,
  table: KeptTable,
  columns: readonly string[],
  machineId: string | undefined,
  orderBy: readonly string[],
): Promise<Row[]> => {
  const all = await (db.kept?.(table, columns) ?? db.rows(`SELECT ${names(columns)} FROM "${table}"`))
  const rows = machineId === undefined ? all : all.filter((row) => row.machine_id === machineId)
  const byText = (a: PlainRow, b: PlainRow): number =>
    orderBy.reduce((order, name) => order || compare(a[name] ?? null, b[name] ?? null), 0)
  return rows.sort(byText) as Row[]
}
