/** A JSON object as it came from outside; every member is checked where it is used. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const asObject = (value: unknown): Json => (isObject(value) ? value : {})
export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const asText = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** A finite number, also one that travelled as a decimal string or bigint (SQLite, DuckDB, `procStart`). */
export const asNumber = (value: unknown): number | null => {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** JSON text or an already parsed object; null for anything else. */
export const parseObject = (value: unknown): Json | null => {
  if (isObject(value)) return value
  if (typeof value !== 'string') return null
  try {
    const parsed: unknown = JSON.parse(value)
    return isObject(parsed) ? parsed : null
  } catch {
    return null
  }
}

const dateOrNull = (date: Date): Date | null => (Number.isNaN(date.getTime()) ? null : date)

export const dateOfIso = (value: unknown): Date | null => {
  const text = asText(value)
  return text === null ? null : dateOrNull(new Date(text))
}

export const dateOfMs = (value: unknown): Date | null => {
  const ms = asNumber(value)
  return ms === null ? null : dateOrNull(new Date(ms))
}

export const dateOfSeconds = (value: unknown): Date | null => {
  const seconds = asNumber(value)
  return seconds === null ? null : dateOrNull(new Date(seconds * 1000))
}
