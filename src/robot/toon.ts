import { encode } from '@toon-format/toon'
import { withoutSteering } from '../core/text.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isFlat = (value: Json): value is JsonObject =>
  isObject(value) && Object.values(value).every((part) => part === null || typeof part !== 'object')

/** Keys of all rows in the order they first appear. */
const keysOf = (rows: readonly JsonObject[]): string[] => [...new Set(rows.flatMap((row) => Object.keys(row)))]

interface Column {
  readonly name: string
  of(row: JsonObject): Json
}

const partOf = (value: Json | undefined, part: string): Json => (isObject(value) ? (value[part] ?? null) : null)
const asText = (value: Json | undefined): Json => (value === null || value === undefined ? null : JSON.stringify(value))

// Records that have little in common would be columns of nulls.
const areAlike = (records: readonly JsonObject[], keys: readonly string[]): boolean =>
  records.every(isFlat) &&
  2 * records.reduce((sum, one) => sum + Object.keys(one).length, 0) >= keys.length * records.length

const columnsOf = (rows: readonly JsonObject[], key: string): Column[] => {
  const values = rows.map((row) => row[key])
  const records = values.filter(isObject)
  const plain = records.length === 0 && !values.some(Array.isArray)
  if (plain) return [{ name: key, of: (row) => row[key] ?? null }]
  const parts = keysOf(records)
  if (parts.length > 0 && areAlike(records, parts))
    return parts.map((part) => ({ name: `${key}.${part}`, of: (row) => partOf(row[key], part) }))
  return [{ name: records.length > 0 ? `${key}{}` : `${key}[]`, of: (row) => asText(row[key]) }]
}

// What is inside a row would cost a line per field; as columns of their own the rows stay a table. What a row does not know is
// null there, as everywhere in vc. A dot in a column name is a step into the record; `name[]` and `name{}` hold JSON text.
const foldRows = (rows: readonly JsonObject[]): JsonObject[] => {
  const columns = keysOf(rows).flatMap((key) => columnsOf(rows, key))
  return rows.map((row) => Object.fromEntries(columns.map(({ name, of }) => [name, of(row)])))
}

const isDeep = (value: Json): boolean =>
  Array.isArray(value)
    ? value.some(isObject)
    : isObject(value) && Object.values(value).some((part) => typeof part === 'object')

// Long lists of records are shorter as tables of their own than as text in a cell.
const foldList = (rows: Json[]): Json => {
  if (rows.length < 2 || !rows.every(isObject)) return rows.map(fold)
  const folded = foldRows(rows)
  if (!rows.some((row) => Object.values(row).some(isDeep))) return folded
  const apart = rows.map(fold)
  return encode(folded).length < encode(apart).length ? folded : apart
}

const fold = (value: Json): Json => {
  if (Array.isArray(value)) return foldList(value)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fold(part)]))
}

/**
 * The envelope as TOON, its lists as tables wherever the rows allow it. The encoder escapes C0 alone, so what else would steer a
 * terminal is left out.
 */
export const toonText = (envelope: unknown): string =>
  encode(fold(JSON.parse(withoutSteering(JSON.stringify(envelope))) as Json))
