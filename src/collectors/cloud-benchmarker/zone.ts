/** Where a clock stands: a named zone, which knows its summer time, else minutes east of UTC; null: unknown. */
export type Zone = { readonly name: string } | { readonly eastMin: number }

const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** A zone by its IANA name or an offset such as `+0530`; null when it is neither. */
export const zoneOf = (text: string): Zone | null => {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(text) ?? []
  if (hours !== undefined) return { eastMin: (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) }
  return /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text) && isZone(text) ? { name: text } : null
}

/** What the controller says of its clock: `<offset> <zone name>`; the name wins where it is one. */
export const parseZone = (text: string): Zone | null => {
  const [offset = '', name = ''] = text.trim().split(' ')
  return zoneOf(name.replace(/^:/, '')) ?? zoneOf(offset)
}

const NAIVE = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/

const eastMs = (utcMs: number, name: string): number => {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(utcMs)
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value)
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return shown - Math.floor(utcMs / 1000) * 1000
}

/** A local time without offset as a moment; null when it is no such time. In a repeated hour the first is meant. */
export const momentIn = (text: unknown, zone: Zone): Date | null => {
  const [, y, mo, d, h, mi, s, fraction = ''] = typeof text === 'string' ? (NAIVE.exec(text) ?? []) : []
  if (y === undefined) return null
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const wall = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s), ms)
  if (Number.isNaN(wall) || new Date(wall).getUTCDate() !== Number(d)) return null
  if ('eastMin' in zone) return new Date(wall - zone.eastMin * 60_000)
  // the offset of a day before is that of the time itself or the one it changes from
  const early = wall - eastMs(wall - 86_400_000, zone.name)
  return new Date(early + eastMs(early, zone.name) === wall ? early : wall - eastMs(early, zone.name))
}
