import { displayText } from '../core/text.ts'

// 2100-01-01: a later "time" is not one.
const LATEST_MS = 4_102_444_800_000

/** Foreign text to keep for display; null when it is none or empty. */
export const foreignText = (value: unknown, max = 256): string | null => {
  if (typeof value !== 'string') return null
  const clean = displayText(value, max)
  return clean === '' ? null : clean
}

/** A whole number of either spelling; null for anything else, NaN and values past 2^53 included. */
export const foreignCount = (value: unknown): number | null => {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null
}

/** The same, within an INTEGER column. */
export const foreignInteger = (value: unknown): number | null => {
  const count = foreignCount(value)
  return count !== null && count <= 2_147_483_647 ? count : null
}

/** A row id as text: digits only, of any size. */
export const foreignId = (value: unknown): string | null =>
  typeof value === 'string' && /^\d{1,19}$/.test(value) ? value : null

/** More than anything here is measured in, and still a number in a FLOAT column. */
const MOST = 1e15

/** A measured number; null for anything that is none, negative or beyond belief. */
export const foreignMeasure = (value: unknown): number | null =>
  typeof value === 'number' && value >= 0 && value <= MOST ? value : null

/** UTC text with or without zone, or microseconds since the epoch; null when it is no time since 1970. */
export const foreignTime = (value: unknown): Date | null => {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = String(value).trim()
  const ms = /^\d{10,18}$/.test(text) ? Math.floor(Number(text) / 1000) : parseUtc(text)
  return ms > 0 && ms < LATEST_MS ? new Date(ms) : null
}

const parseUtc = (text: string): number => {
  if (!/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text)) return Number.NaN
  return Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(text) ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`)
}
