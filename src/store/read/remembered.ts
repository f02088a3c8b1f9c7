import type { Db, Params, PlainRow } from '../db.ts'

/** Rows of a question that is asked again and again: remembered until one of the tables it reads is written. */
export const remembered = <Row = PlainRow>(
  db: Db,
  tables: readonly string[],
  sql: string,
  params?: Params,
): Promise<Row[]> => (db.current ? db.current<Row>(tables, sql, params) : db.rows<Row>(sql, params))
