/** One JSON value, or undefined; never throws. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// What damage puts between sound bytes: a byte order mark where files were joined, NULs where a power cut lost a block.
const DAMAGE = /[\u0000-\u001f\ufeff]/g

/** The JSON of one line, also where damage stands before it or in its texts while the numbers are intact; else undefined. */
export const parseLine = (text: string): unknown => {
  const value = parseJson(text)
  return value === undefined && text.search(DAMAGE) >= 0 ? parseJson(text.replace(DAMAGE, ' ')) : value
}

export type JsonObject = Readonly<Record<string, unknown>>

export const objectOf = (value: unknown): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null

export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** A token count: a whole number of at least 0. Anything else counts as not said. */
export const countOf = (value: unknown): number =>
  typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : 0

const ZONE = /(?:z|[+-]\d{2}:?\d{2})$/i

/** Time text of a transcript (ISO 8601, UTC where it names no zone) in epoch ms; null when it is none or lies outside 2000-2100. */
export const timeOf = (value: unknown): number | null => {
  if (typeof value !== 'string' || value.length < 19 || value.length > 35) return null
  // Without a zone it would be a time of the clock here: the same file on another day beside each daemon.
  const ms = Date.parse(ZONE.test(value) ? value : `${value}Z`)
  return ms >= 946_684_800_000 && ms < 4_102_444_800_000 ? ms : null
}
