const EARLIEST_MS = Date.UTC(2000, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)
// Below this a number is seconds: as milliseconds it would lie before 1973, as seconds beyond the year 5000.
const SECONDS_BELOW = 1e11

const plausible = (ms: number): Date | null => (ms >= EARLIEST_MS && ms < LATEST_MS ? new Date(ms) : null)

/**
 * ISO text, epoch seconds or epoch milliseconds (told apart by magnitude) to a time.
 * Null for everything that is no time, Go's zero time and times outside 2000-2100 included. Text without a zone is UTC.
 */
export const parseInstant = (value: unknown): Date | null => {
  if (value instanceof Date) return plausible(value.getTime())
  if (typeof value === 'number') return plausible(value < SECONDS_BELOW ? value * 1000 : value)
  if (typeof value !== 'string') return null
  if (/^\d{9,13}$/.test(value)) return parseInstant(Number(value))
  if (!/^\d{4}-\d{2}-\d{2}/.test(value)) return null
  const zoned = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(value) || value.length === 10 ? value : `${value}Z`
  return plausible(Date.parse(zoned))
}

/** A number of seconds counted from another time (old Codex lines). */
export const secondsAfter = (from: Date, seconds: unknown): Date | null =>
  typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0
    ? plausible(from.getTime() + seconds * 1000)
    : null
