import * as z from 'zod'

/** Column kinds of rows as they are read. The names of fields are the columns of the table; a test compares them. */
export const text = z.string()
/** UTC, ISO 8601 with Z. */
export const time = z.string()
export const number = z.number()
export const flag = z.boolean()
export const maybe = <Kind extends z.ZodType>(kind: Kind) => kind.nullable()

/** What every fact row carries. */
export const envelope = {
  collected_at: time,
  machine_id: text,
  source: text,
  source_version: text,
  schema_version: number,
}
