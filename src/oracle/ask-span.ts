/** The time a question speaks of. `until` null: up to now. */
export interface Span {
  readonly since: string
  readonly until: string | null
  readonly words: readonly string[]
}

const UNIT: Readonly<Record<string, string>> = {
  s: 's', sec: 's', second: 's', m: 'm', min: 'm', minute: 'm', h: 'h', hr: 'h', hour: 'h', d: 'd', day: 'd', w: 'w', week: 'w',
} // biome-ignore format: one scale
const DAY_MS = 86_400_000

const unitOf = (word: string): string | undefined => UNIT[word] ?? UNIT[word.replace(/s$/, '')]

const midnight = (at: Date): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate())

const clockTime = (word: string, now: Date): string | null => {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(word)
  if (found === null) return null
  const today = midnight(now) + (Number(found[1]) * 60 + Number(found[2])) * 60_000
  return new Date(today > now.getTime() ? today - DAY_MS : today).toISOString()
}

const isoTime = (word: string): string | null =>
  /^\d{4}-\d{2}-\d{2}/.test(word) && !Number.isNaN(Date.parse(word)) ? new Date(word.toUpperCase()).toISOString() : null

const amount = (word: string, next: string | undefined): Omit<Span, 'until'> | null => {
  const joined = /^(\d{1,5})([a-z]+)$/.exec(word)
  const unit = unitOf(joined?.[2] ?? '')
  if (joined !== null && unit !== undefined) return { since: `${joined[1]}${unit}`, words: [word] }
  const apart = /^\d{1,5}$/.test(word) && next !== undefined ? unitOf(next) : undefined
  return apart === undefined ? null : { since: `${word}${apart}`, words: [word, next ?? ''] }
}

const calendar = (word: string, before: string | undefined, now: Date): Span | null => {
  const at = (ms: number): string => new Date(ms).toISOString()
  const words = [word]
  if (word === 'today') return { since: at(midnight(now)), until: null, words }
  if (word === 'yesterday') {
    const until = before === 'since' ? null : at(midnight(now))
    return { since: at(midnight(now) - DAY_MS), until, words }
  }
  if (word === 'tonight' || word === 'night') return { since: '12h', until: null, words }
  if (word === 'hour') return { since: '1h', until: null, words }
  if (word === 'day') return { since: '24h', until: null, words }
  if (word === 'week') return { since: '7d', until: null, words }
  if (word !== 'month') return null
  // As vc cost and the monthly budget count it.
  const first = at(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
  return { since: before === 'this' ? first : '30d', until: null, words }
}

/** The first time a question names, as UTC; null: none. Ages stay ages (`2h`), so that they count from the answer. */
export const spanOf = (words: readonly string[], now: Date): Span | null => {
  for (const [at, word] of words.entries()) {
    const age = amount(word, words[at + 1])
    if (age !== null) return { ...age, until: null }
    const moment = clockTime(word, now) ?? isoTime(word)
    if (moment !== null) return { since: moment, until: null, words: [word] }
    const named = calendar(word, words[at - 1], now)
    if (named !== null) return named
  }
  return null
}
