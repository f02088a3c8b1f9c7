/** One JSON value, or undefined; never throws. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

export const objectOf = (value: unknown): JsonObject | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null

export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** A token count: a whole number of at least 0. Anything else counts as not said. */
export const countOf = (value: unknown): number =>
  typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value : 0

/** Time text of a transcript (ISO 8601 with zone) in epoch ms; null when it is none or lies outside 2000-2100. */
export const timeOf = (value: unknown): number | null => {
  if (typeof value !== 'string' || value.length < 19 || value.length > 35) return null
  const ms = Date.parse(value)
  return ms >= 946_684_800_000 && ms < 4_102_444_800_000 ? ms : null
}
