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

const digits = (text: string, at: number, count: number): number => {
  let value = 0
  for (let i = at; i < at + count; i += 1) value = value * 10 + text.charCodeAt(i) - 48
  return value
}

const PLAIN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

// The one form the CLIs write; `Date.parse` takes four times as long for it.
const plainTime = (text: string): number | null => {
  if (!PLAIN_TIME.test(text)) return null
  const [month, day, hour] = [digits(text, 5, 2), digits(text, 8, 2), digits(text, 11, 2)]
  if (month < 1 || month > 12 || day < 1 || day > 28 || hour > 23) return null
  const time = [hour, digits(text, 14, 2), digits(text, 17, 2), digits(text, 20, 3)] as const
  return time[1] > 59 || time[2] > 59 ? null : Date.UTC(digits(text, 0, 4), month - 1, day, ...time)
}

/** Time text of a transcript (ISO 8601 with zone) in epoch ms; null when it is none or lies outside 2000-2100. */
export const timeOf = (value: unknown): number | null => {
  if (typeof value !== 'string' || value.length < 19 || value.length > 35) return null
  const ms = plainTime(value) ?? Date.parse(value)
  return ms >= 946_684_800_000 && ms < 4_102_444_800_000 ? ms : null
}
