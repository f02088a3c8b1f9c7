import { encode } from '@toon-format/toon'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isFlat = (value: Json): value is JsonObject =>
  isObject(value) && Object.values(value).every((part) => part === null || typeof part !== 'object')

/** Keys of all rows in the order they first appear. */
const keysOf = (rows: readonly JsonObject[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))]

// A small record inside every row would cost a line per field; as dotted columns the rows stay a table. What a row does
// not know is null there, as everywhere in vc A dot in a column name is a step into the record.
const foldRows = (rows: readonly JsonObject[]): JsonObject[] => {
  const columns = keysOf(rows).flatMap((key) => {
    const parts = rows.map((row) => row[key]).filter(isObject)
    return parts.length === 0 ? [[key]] : keysOf(parts).map((part) => [key, part])
  })
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(([key = '', part]) => {
        const value = row[key] ?? null
        return part === undefined ? [key, value] : [`${key}.${part}`, isObject(value) ? (value[part] ?? null) : null]
      }),
    ),
  )
}

const foldable = (rows: Json[]): rows is JsonObject[] =>
  rows.length > 1 &&
  rows.every(
    (row) =>
      isObject(row) &&
      Object.values(row).every((value) => value === null || typeof value !== 'object' || isFlat(value)),
  )

const fold = (value: Json): Json => {
  if (Array.isArray(value)) return foldable(value) ? foldRows(value) : value.map(fold)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fold(part)]))
}

/** The envelope as TOON, its lists as tables wherever the rows allow it. */
export const toonText = (envelope: unknown): string => encode(fold(JSON.parse(JSON.stringify(envelope)) as Json))
