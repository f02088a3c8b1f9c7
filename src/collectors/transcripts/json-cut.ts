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

/** NaN when one of them is no digit. */
const digits = (text: string, at: number, count: number): number => {
  let value = 0
  for (let i = at; i < at + count; i += 1) {
    const digit = text.charCodeAt(i) - 48
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN
  }
  return value
}

// `2026-01-31T23:59:59.999Z`: what stands between the numbers.
const MARKS = [4, 7, 10, 13, 16, 19, 23].map((at) => [at, '0000-00-00T00:00:00.000Z'.charCodeAt(at)] as const)
/** The day met last, as a number like 20260131, and its first moment: most records follow another of the same day. */
const lastDay = { day: 0, ms: 0 }

const startOfDay = (text: string): number => {
  const [year, month, date] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)]
  const day = year * 10_000 + month * 100 + date
  if (day === lastDay.day) return lastDay.ms
  const ms = Date.UTC(year, month - 1, date)
  // A 30th of February: what that means is for `Date.parse` to say.
  if (!(month >= 1 && month <= 12 && new Date(ms).getUTCDate() === date)) return Number.NaN
  lastDay.day = day
  lastDay.ms = ms
  return ms
}

// The one form the CLIs write; `Date.parse` takes many times as long for it. Null: ask `Date.parse`.
const plainTime = (text: string): number | null => {
  if (text.length !== 24) return null
  for (const [at, mark] of MARKS) if (text.charCodeAt(at) !== mark) return null
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return null
  const ms = startOfDay(text) + hour * 3_600_000 + minute * 60_000 + second * 1000 + digits(text, 20, 3)
  return Number.isNaN(ms) ? null : ms
}

const ZONE = /(?:z|[+-]\d{2}:?\d{2})$/i

/** Time text of a transcript (ISO 8601, UTC where it names no zone) in epoch ms; null when it is none or lies outside 2000-2100. */
export const timeOf = (value: unknown): number | null => {
  if (typeof value !== 'string' || value.length < 19 || value.length > 35) return null
  // Without a zone it would be a time of the clock here: the same file on another day beside each daemon.
  const ms = plainTime(value) ?? Date.parse(ZONE.test(value) ? value : `${value}Z`)
  return ms >= 946_684_800_000 && ms < 4_102_444_800_000 ? ms : null
}
