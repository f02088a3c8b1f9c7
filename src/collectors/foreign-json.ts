import type { Cell } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import { dateOf } from './row-cells.ts'

export type JsonObject = Readonly<Record<string, unknown>>

// A JSON reader hands over the source of a number in its third argument: whole numbers beyond 2^53 stay exact.
const exact = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? BigInt(context?.source ?? 0)
    : value

/** The value of a JSON text, whole numbers beyond 2^53 as bigint; undefined when it is none (too deep counts). */
export const parseExact = (text: string): unknown => {
  try {
    return JSON.parse(text, exact) as unknown
  } catch {
    return undefined
  }
}

export const objectOf = (value: unknown): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null

export const objectsOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.map(objectOf).filter((item) => item !== null) : []

/** Display text of a non-empty string, else null. */
export const stringOf = (value: unknown, max = 256): string | null => {
  const text = typeof value === 'string' ? displayText(value, max) : ''
  return text === '' ? null : text
}

const MAX_BIGINT = 2n ** 63n - 1n

/** A whole number as a BIGINT cell takes it; null for anything else. */
export const wholeOf = (value: unknown): number | bigint | null => {
  if (typeof value === 'bigint') return value <= MAX_BIGINT && value >= -MAX_BIGINT ? value : null
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** A count: a whole number from 0. */
export const countOf = (value: unknown): number | bigint | null => {
  const whole = wholeOf(value)
  return whole !== null && whole >= 0 ? whole : null
}

/** A finite number; null for anything else. */
export const numberOf = (value: unknown): number | null => {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

export const flagOf = (value: unknown): boolean | null => (typeof value === 'boolean' ? value : null)

/** An id as text, exactly as it was written; null when it is none. */
export const idOf = (value: unknown): string | null =>
  typeof value === 'number' || typeof value === 'bigint' ? String(value) : stringOf(value)

const RFC3339 = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** A moment with its offset; text without one names no moment. */
export const instantOf = (value: unknown): Date | null => {
  if (typeof value !== 'string' || !RFC3339.test(value)) return null
  const ms = Date.parse(value.replace(' ', 'T').replace(/(\.\d{3})\d+/, '$1'))
  return Number.isNaN(ms) ? null : new Date(ms)
}

export const epochMsOf = (value: unknown): Date | null => {
  const ms = numberOf(value)
  return ms === null ? null : dateOf(ms)
}

/** How many fields of these objects are not among the known ones. */
export const unknownFields = (objects: readonly JsonObject[], known: ReadonlySet<string>): number =>
  new Set(objects.flatMap((object) => Object.keys(object).filter((name) => !known.has(name)))).size

/** The part of a row that says nothing: every named column null. */
export const nulls = (names: string): Readonly<Record<string, Cell>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, null]))
