import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api'
import { EXIT, usageError, VcError } from '../core/errors.ts'
import { asQueryError } from './guard-errors.ts'
import { explained, firstWord, refuseStatement, refuseText } from './guard-text.ts'

/**
 * The first layer: exactly one statement, and one that only reads. Returns it prepared; the caller destroys it. Throws
 * `query_refused` (exit 4) with what to write instead, `query_syntax` (exit 2) with the place.
 */
export const guardStatement = async (connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> => {
  refuseText(sql)
  const explain = explained(sql)
  if (explain === null) return prepareOne(connection, sql)
  // What is explained must be a question by itself; what runs is put together from what was checked.
  const inner = await prepareOne(connection, explain.rest, sql.slice(0, -explain.rest.length))
  inner.destroySync()
  const whole = `${explain.head}${explain.rest}`
  try {
    return await connection.prepare(whole)
  } catch (error) {
    throw asQueryError(error, whole)
  }
}

const prepareOne = async (connection: DuckDBConnection, sql: string, prefix = ''): Promise<DuckDBPreparedStatement> => {
  let prepared: DuckDBPreparedStatement
  try {
    const statements = await connection.extractStatements(sql)
    if (statements.count !== 1) throw severalStatements(sql, statements.count)
    prepared = await statements.prepare(0)
  } catch (error) {
    if (error instanceof VcError) throw error
    throw asQueryError(error, sql, prefix)
  }
  try {
    refuseType(prepared, sql)
    return prepared
  } catch (error) {
    prepared.destroySync()
    throw error
  }
}

const refuseType = (prepared: DuckDBPreparedStatement, sql: string): void => {
  if (prepared.statementType !== StatementType.SELECT) throw refuseStatement(writtenWord(sql))
  if (prepared.parameterCount > 0) {
    throw usageError(
      'query_parameters',
      `the query has ${prepared.parameterCount} parameter${prepared.parameterCount === 1 ? '' : 's'} ($1 or ?) and nothing fills them`,
      'write the values into the query',
    )
  }
}

/** `WITH x AS (…) DELETE …` begins like a question. */
const writtenWord = (sql: string): string => {
  const first = firstWord(sql)
  const hidden = first === 'WITH' ? /\b(INSERT|UPDATE|DELETE|MERGE)\b/i.exec(sql) : null
  return hidden?.[1] === undefined ? first : hidden[1].toUpperCase()
}

const severalStatements = (sql: string, count: number): VcError =>
  /\bPIVOT\b/i.test(sql)
    ? new VcError(
        'query_refused',
        'a PIVOT that has to find its columns first is two statements',
        "name the columns: PIVOT … ON column IN ('a', 'b') USING …",
        { exitCode: EXIT.refused },
      )
    : new VcError(
        'query_refused',
        `these are ${count} statements; vc query takes one`,
        'send them one by one, without ;',
        {
          exitCode: EXIT.refused,
        },
      )
