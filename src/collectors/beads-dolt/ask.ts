import type { Fault } from '../../core/faults.ts'
import type { SqlResult, SqlRow, SqlSession } from '../../core/sql-port.ts'

/** Trouble of one rig, thrown through a talk and caught where the talk began. */
export class RigTrouble extends Error {
  readonly fault: Fault
  constructor(fault: Fault, detail: string) {
    super(detail)
    this.name = 'RigTrouble'
    this.fault = fault
  }
}

const NO_TABLE = 1146
const NO_COLUMN = 1054
const SYNTAX = 1064
const DENIED = new Set([1044, 1045, 1142, 1143, 1227])

const faultOf = (number: number): Fault => {
  if (DENIED.has(number)) return 'auth'
  return number === NO_TABLE || number === NO_COLUMN || number === SYNTAX ? 'incompatible_version' : 'bad_output'
}

/** Rows that must be there. @throws RigTrouble by what the server said. */
export async function rowsOf(session: SqlSession, sql: string, params?: readonly (string | number)[]) {
  const result = await session.query(sql, params)
  if (result.is === 'rows') return result.rows
  throw new RigTrouble(faultOf(result.number), result.detail)
}

/** Rows of something that not every server has; null where it has not. */
export async function rowsIfAny(session: SqlSession, sql: string): Promise<readonly SqlRow[] | null> {
  const result: SqlResult = await session.query(sql)
  return result.is === 'rows' ? result.rows : null
}

/** The one value of a one-row answer; null where the server cannot say. */
export async function valueIfAny(session: SqlSession, sql: string): Promise<string | null> {
  const row = (await rowsIfAny(session, sql))?.[0]
  const value = row === undefined ? undefined : Object.values(row)[0]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
