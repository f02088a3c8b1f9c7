import { type Span, span } from './line.ts'

const MINUTE = 60
const HOUR = 3_600
const DAY = 86_400

/** `8 s`, `12 m`, `5 h`, `3 d`; never asked or never seen is `never`. Seconds. */
export const ageWords = (ageS: number | null): string => {
  if (ageS === null) return 'never'
  const s = Math.max(0, ageS)
  if (s < 2 * MINUTE) return `${Math.floor(s)} s`
  if (s < 2 * HOUR) return `${Math.floor(s / MINUTE)} m`
  return s < 2 * DAY ? `${Math.floor(s / HOUR)} h` : `${Math.floor(s / DAY)} d`
}

/** An age that says so when it is old, in words and in tone: `2 m old`. */
export const ageSpan = (ageS: number | null, staleAfterS: number): Span => {
  if (ageS === null) return span('never seen', 'unknown')
  return ageS > staleAfterS ? span(`${ageWords(ageS)} old`, 'stale') : span(ageWords(ageS), 'muted')
}

/** An age that matters as such: how long ago something happened. Unknown is `?`, and nothing is called old. */
export const agoSpan = (ageS: number | null): Span =>
  ageS === null ? span('?', 'unknown') : span(ageWords(ageS), 'muted')

/** How long until a moment: `in 23 m`, `2 h ago`. Both in milliseconds since 1970. */
export const untilWords = (whenMs: number, nowMs: number): string => {
  const apartS = (whenMs - nowMs) / 1000
  return apartS >= 0 ? `in ${ageWords(apartS)}` : `${ageWords(-apartS)} ago`
}

/** Seconds between a moment as ISO text and now; null when the text is no moment. */
export const secondsSince = (iso: string | null | undefined, now: Date): number | null => {
  const at = iso == null ? Number.NaN : Date.parse(iso)
  return Number.isNaN(at) ? null : Math.max(0, (now.getTime() - at) / 1000)
}

/** `14:05` (UTC) of an ISO moment; `—` when there is none. */
export const clock = (iso: string | null | undefined): string => {
  const at = iso == null ? Number.NaN : Date.parse(iso)
  return Number.isNaN(at) ? '—' : new Date(at).toISOString().slice(11, 16)
}

/** `11-20 14:05` (UTC) of an ISO moment; `—` when there is none. */
export const dayClock = (iso: string | null | undefined): string => {
  const at = iso == null ? Number.NaN : Date.parse(iso)
  return Number.isNaN(at) ? '—' : new Date(at).toISOString().slice(5, 16).replace('T', ' ')
}
