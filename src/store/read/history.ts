import type { z } from 'zod'
import { EXIT, VcError } from '../../core/errors.ts'
import type { Db, Params } from '../db.ts'
import type { TableName, TableSpec } from '../registry.ts'
import { tableSpec } from '../registry.ts'
import { names, time } from '../sql.ts'

/** When the question is about: absent = now. */
export interface At {
  readonly at?: Date | undefined
}

export interface Picture extends At {
  /** Condition over the table's columns, with `$name` parameters. */
  readonly where?: string
  readonly params?: Params
  readonly orderBy?: string
}

/** Samples older than this at the asked time are no picture of it. */
const PICTURE_MS = 86_400_000

/**
 * The rows of a table as they stood at `at`, or now. Now comes from the latest table; the past from the table's own
 * history or its twin, and is refused with `no_history` where there is none.
 */
export const picture = async <Row>(
  db: Db,
  table: TableName,
  schema: z.ZodObject,
  question: Picture = {},
): Promise<Row[]> => {
  const spec = tableSpec(table) as TableSpec
  const columns = names(Object.keys(schema.shape))
  const where = question.where ? `WHERE ${question.where}` : ''
  const orderBy = question.orderBy ? `ORDER BY ${question.orderBy}` : ''
  if (question.at) {
    const from = await past(db, spec, question.at)
    return db.rows<Row>(`SELECT ${columns} FROM ${from} ${where} ${orderBy}`, question.params)
  }
  const sql = `SELECT ${columns} FROM "${spec.latest ?? spec.name}" ${where} ${orderBy}`
  return db.current ? db.current<Row>([spec.name], sql, question.params) : db.rows<Row>(sql, question.params)
}

const past = async (db: Db, spec: TableSpec, at: Date): Promise<string> => {
  await refuseBeforeHistory(db, spec, at)
  switch (spec.mode) {
    case 'state':
      return `(SELECT * FROM (SELECT * FROM "${spec.name}" WHERE collected_at <= ${time(at)}
        QUALIFY row_number() OVER (PARTITION BY machine_id, source, ${names(spec.key)} ORDER BY collected_at DESC, rowid DESC) = 1)
        WHERE NOT gone)`
    case 'sample':
      return `(SELECT * FROM "${spec.name}"
        WHERE collected_at BETWEEN ${time(at.getTime() - PICTURE_MS)} AND ${time(at)}
        QUALIFY rank() OVER (PARTITION BY machine_id, source ORDER BY collected_at DESC) = 1)`
    case 'current':
      if (!spec.twin) throw noHistory(spec.name, 'only its present rows are kept')
      return `(SELECT * FROM "${spec.twin}" WHERE event_at <= ${time(at)}
        QUALIFY row_number() OVER (PARTITION BY ${names(spec.key)} ORDER BY event_at DESC, rowid DESC) = 1)`
    default:
      return `(SELECT * FROM "${spec.name}" WHERE "${spec.time}" <= ${time(at)}
        QUALIFY row_number() OVER (PARTITION BY machine_id, ${names(spec.key.filter((name) => name !== spec.time))}
          ORDER BY "${spec.time}" DESC, rowid DESC) = 1)`
  }
}

/** vc cannot know what was before it first looked; an empty answer would claim that nothing was there. */
const refuseBeforeHistory = async (db: Db, spec: TableSpec, at: Date): Promise<void> => {
  const own = spec.twin ? `UNION ALL SELECT min(event_at) FROM "${spec.twin}"` : ''
  const [row] = await db.rows<{ began: string | null }>(
    `SELECT min(first) AS began FROM (SELECT min(collected_at) AS first FROM scrapes ${own})`,
  )
  const began = row?.began ?? null
  if (began === null) throw noHistory(spec.name, 'nothing has been collected yet')
  if (at.getTime() < Date.parse(began)) throw noHistory(spec.name, `what is remembered begins at ${began}`)
}

export const noHistory = (what: string, why: string): VcError =>
  new VcError('no_history', `${what} cannot be told for that time: ${why}`, 'ask for a later time, or leave --at out', {
    exitCode: EXIT.refused,
  })
