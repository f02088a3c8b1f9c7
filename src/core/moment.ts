import { usageError } from './errors.ts'

const SPAN = /^(?:\d+\s*[smhdw]\s*)+(?:ago)?$/
const PART = /(\d+)\s*([smhdw])/g
const CLOCK = /^(?:(today|yesterday)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(z|utc)?$/
/** Without a zone: a time of the clock here. */
const LOCAL_ISO = /^\d{4}-\d{2}-\d{2}[t ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$/i
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

const FORMS =
  'write 15m, 2h ago, 7d, 03:12 (your clock; 03:12Z is UTC), yesterday 14:00, or an ISO time such as 2026-11-20T08:00:00Z'

const SKIPPED = 'did not happen that day: the clocks went forward over it'

const badTime = (text: string, why = 'is not a time'): Error => usageError('bad_time', `“${text}” ${why}`, FORMS)

const spanMs = (text: string): number =>
  [...text.matchAll(PART)].reduce((sum, [, n, unit]) => sum + Number(n) * (UNIT_MS[unit ?? 's'] ?? 1000), 0)

interface Clock {
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly utc: boolean
}

/** That clock time `daysBack` days before the day of `now`; null where the clock skipped it (summer time began). */
const onDay = (now: Date, daysBack: number, { hours, minutes, seconds, utc }: Clock): Date | null => {
  if (utc)
    return new Date(
      Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - daysBack, hours, minutes, seconds),
    )
  const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysBack, hours, minutes, seconds)
  return shows(at, hours, minutes) ? lastShown(at, now, hours, minutes) : null
}

const shows = (at: Date, hours: number, minutes: number): boolean =>
  at.getHours() === hours && at.getMinutes() === minutes

// Where summer time ends the clock shows an hour twice (on Lord Howe half of one): the second time is the last.
const lastShown = (at: Date, now: Date, hours: number, minutes: number): Date =>
  [60, 30]
    .map((later) => new Date(at.getTime() + later * 60_000))
    .find((again) => again.getTime() <= now.getTime() && shows(again, hours, minutes)) ?? at

const atClock = (text: string, match: RegExpExecArray, now: Date): Date => {
  const [, day, hours, minutes, seconds, zone] = match
  const clock = {
    hours: Number(hours),
    minutes: Number(minutes),
    seconds: Number(seconds ?? 0),
    utc: zone !== undefined,
  }
  if (clock.hours > 23 || clock.minutes > 59 || clock.seconds > 59) throw badTime(text)
  const today = onDay(now, 0, clock)
  // A bare clock time is the last time the clock showed it.
  const back = day === 'yesterday' || (day === undefined && (today === null || today.getTime() > now.getTime())) ? 1 : 0
  const at = back === 0 ? today : onDay(now, back, clock)
  if (at === null) throw badTime(text, SKIPPED)
  return at
}

/**
 * A moment as people say it: `15m`, `2h ago`, `03:12` (the last time the clock here showed it), `yesterday 14:00`, `now`, an
 * ISO time. Clock times without Z are in the time zone of this process. Throws a usage error that shows the forms.
 */
export const parseMoment = (text: string, now: Date): Date => {
  const said = text.trim().toLowerCase()
  if (said === 'now') return now
  if (SPAN.test(said)) return inRange(text, new Date(now.getTime() - spanMs(said)))
  if (said === 'yesterday')
    return new Date(
      now.getFullYear(),
      now.getMonth(),
      now.getDate() - 1,
      now.getHours(),
      now.getMinutes(),
      now.getSeconds(),
    )
  const clock = CLOCK.exec(said)
  if (clock) return atClock(text, clock, now)
  const date = new Date(text.trim())
  if (Number.isNaN(date.getTime()) || !/^\d{4}-\d{2}-\d{2}/.test(text.trim())) throw badTime(text)
  if (!isInCalendar(text.trim())) throw badTime(text, 'is no day of any calendar')
  const [, hours, minutes] = LOCAL_ISO.exec(text.trim()) ?? []
  if (hours !== undefined && Number(hours) < 24 && !shows(date, Number(hours), Number(minutes)))
    throw badTime(text, SKIPPED)
  return date
}

// A Date takes February 30 for March 2.
const isInCalendar = (iso: string): boolean => {
  const day = new Date(`${iso.slice(0, 10)}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(iso.slice(0, 10))
}

// Beyond what a calendar holds a Date is no time any more.
const inRange = (text: string, at: Date): Date => {
  if (Number.isNaN(at.getTime()) || at.getTime() < 0) throw badTime(text, 'lies before all calendars vc knows')
  return at
}

const age = (ms: number): string => {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 120) return `${s} s`
  if (s < 7_200) return `${Math.floor(s / 60)} min`
  return s < 172_800 ? `${Math.floor(s / 3_600)} h` : `${Math.floor(s / 86_400)} d`
}

/** `2026-11-20 03:12:00 UTC, 5 h ago`, so that nobody takes the past for now. */
export const momentWords = (at: Date, now: Date): string =>
  `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC, ${age(now.getTime() - at.getTime())} ago`
