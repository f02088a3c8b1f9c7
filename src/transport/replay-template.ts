/** The clock of a played machine. */
export interface ReplayClock {
  readonly nowMs: number
  /** When it began to be played. */
  readonly openedMs: number
}

const MARK = /@\{(epoch|epochms|iso)([+-]\d+)?\}|@\{t\*(\d+(?:\.\d+)?)\+(\d+)\}/g

/**
 * Recorded text with its clock set: `@{epoch-90}` (seconds), `@{epochms-90}`, `@{iso-90}` are the present moved by that
 * many seconds; `@{t*37+1000}` is a counter: 37 for each second of playing, from 1000.
 */
export function setClock(text: string, { nowMs, openedMs }: ReplayClock): string {
  return text.replace(MARK, (_, kind?: string, shift?: string, rate?: string, base?: string) => {
    if (kind === undefined) return String(Math.floor(Number(base) + (Number(rate) * (nowMs - openedMs)) / 1000))
    const atMs = nowMs + Number(shift ?? 0) * 1000
    if (kind === 'iso') return new Date(atMs).toISOString()
    return String(kind === 'epoch' ? Math.floor(atMs / 1000) : Math.floor(atMs))
  })
}
