/** The clock of a played machine. */
export interface ReplayClock {
  readonly nowMs: number
  /** When it began to be played. */
  readonly openedMs: number
}

const MARK =
  /@\{(start\.)?(epoch|epochms|iso)([+-]\d+)?\}|@\{today\.(epochms|iso)\*(0\.\d+)\}|@\{t\*(\d+(?:\.\d+)?)\+(\d+)\}/g
const DAY_MS = 86_400_000

const shown = (kind: string, atMs: number): string => {
  if (kind === 'iso') return new Date(atMs).toISOString()
  return String(Math.floor(kind === 'epoch' ? atMs / 1000 : atMs))
}

/**
 * Recorded text with its clock set: `@{epoch-90}` (seconds), `@{epochms-90}`, `@{iso-90}` are the present moved by that
 * many seconds, `@{start.iso-90}` the moment playing began; `@{today.iso*0.3}` lies after three tenths of what had then
 * passed of the day (UTC); `@{t*37+1000}` is a counter: 37 for each second of playing, from 1000.
 */
export function setClock(text: string, { nowMs, openedMs }: ReplayClock): string {
  const midnightMs = openedMs - (openedMs % DAY_MS)
  return text.replace(MARK, (_, start?: string, kind?: string, shift?: string, day?: string, ...rest: string[]) => {
    const [share, rate, base] = rest
    if (kind !== undefined) return shown(kind, (start === undefined ? nowMs : openedMs) + Number(shift ?? 0) * 1000)
    if (day !== undefined) return shown(day, midnightMs + Number(share) * (openedMs - midnightMs))
    return String(Math.floor(Number(base) + (Number(rate) * (nowMs - openedMs)) / 1000))
  })
}

/** Recorded text with the arguments it was asked with: `@{arg.0}` is the first; one that did not come is empty. */
export const setArgs = (text: string, args: readonly string[]): string =>
  text.replace(/@\{arg\.(\d{1,3})\}/g, (_, at: string) => args[Number(at)] ?? '')
