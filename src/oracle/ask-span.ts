/** The time a question speaks of. `until` null: up to now. */
export interface Span {
  readonly since: string
  readonly until: string | null
  readonly words: readonly string[]
}

/** What of a question is about time: a span, nothing, or words that cannot be read as one span. */
export type SpanRead =
  | { readonly is: 'span'; readonly span: Span }
  | { readonly is: 'none' }
  | { readonly is: 'unclear'; readonly word: string; readonly why: string }

const UNIT: Readonly<Record<string, string>> = {
  s: 's', sec: 's', second: 's', m: 'm', min: 'm', minute: 'm', h: 'h', hr: 'h', hour: 'h', d: 'd', day: 'd', w: 'w', week: 'w',
} // biome-ignore format: one scale
const NUMBER = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']
const DAY_MS = 86_400_000

const unitOf = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : (UNIT[word] ?? UNIT[word.replace(/s$/, '')])

const midnight = (at: Date): number => Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate())
const iso = (ms: number): string => new Date(ms).toISOString()

/** One time a question names: an age or a moment, or a stretch that has an end of its own. */
interface Part {
  readonly since: string
  readonly until: string | null
  /** Where it stands: from here, and how many words it takes. */
  readonly at: number
  readonly length: number
}
type Found = Omit<Part, 'at'>

const clockMs = (word: string | undefined): number | null => {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(word ?? '')
  return found === null ? null : (Number(found[1]) * 60 + Number(found[2])) * 60_000
}

const age = (words: readonly string[], at: number): Found | null => {
  const [word = '', next] = [words[at], words[at + 1]]
  const joined = /^(\d{1,5})([a-z]+)$/.exec(word)
  const unit = unitOf(joined?.[2])
  if (joined !== null && unit !== undefined) return { since: `${joined[1]}${unit}`, until: null, length: 1 }
  const spelt = NUMBER.indexOf(word)
  const number = /^\d{1,5}$/.test(word) ? word : spelt > 0 ? String(spelt) : null
  const apart = number === null ? undefined : unitOf(next)
  return apart === undefined ? null : { since: `${number}${apart}`, until: null, length: 2 }
}

/** The UTC day that words name, by its beginning; `yesterday`, `2026-11-20`, `day before yesterday`. */
const dayAt = (
  words: readonly string[],
  at: number,
  now: Date,
): { readonly ms: number; readonly length: number } | null => {
  const word = words[at] ?? ''
  if (word === 'today') return { ms: midnight(now), length: 1 }
  if (word === 'yesterday') return { ms: midnight(now) - DAY_MS, length: 1 }
  if (word === 'day' && words[at + 1] === 'before' && words[at + 2] === 'yesterday')
    return { ms: midnight(now) - 2 * DAY_MS, length: 3 }
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(word) ? Date.parse(`${word}T00:00:00Z`) : Number.NaN
  // A Date takes November 31 for December 1.
  return !Number.isNaN(ms) && iso(ms).startsWith(word) ? { ms, length: 1 } : null
}

const day = (words: readonly string[], at: number, now: Date): Found | null => {
  const named = dayAt(words, at, now)
  if (named === null) return null
  const { ms, length } = named
  const said = words[at + length] === 'at' ? 1 : 0
  const clock = clockMs(words[at + length + said])
  if (clock !== null) return { since: iso(ms + clock), until: null, length: length + said + 1 }
  return { since: iso(ms), until: ms === midnight(now) ? null : iso(ms + DAY_MS), length }
}

const moment = (words: readonly string[], at: number, now: Date): Found | null => {
  const word = words[at] ?? ''
  const clock = clockMs(word)
  if (clock !== null) {
    const ms = midnight(now) + clock
    return { since: iso(ms > now.getTime() ? ms - DAY_MS : ms), until: null, length: 1 }
  }
  if (!/^\d{4}-\d{2}-\d{2}t\d{2}:\d{2}/.test(word)) return null
  const upper = word.toUpperCase()
  const ms = Date.parse(/(?:Z|[+-]\d{2}:?\d{2})$/.test(upper.slice(11)) ? upper : `${upper}Z`)
  return Number.isNaN(ms) ? null : { since: iso(ms), until: null, length: 1 }
}

const NOT_PAST = new Set(['next', 'coming', 'following', 'per', 'by', 'each', 'every'])

const calendar = (words: readonly string[], at: number, now: Date): Found | null => {
  const [word, before = ''] = [words[at], words[at - 1]]
  if (NOT_PAST.has(before)) return null
  const lasts = { tonight: '12h', night: '12h', hour: '1h', day: '24h', week: '7d' }[word ?? '']
  if (lasts !== undefined) return { since: lasts, until: null, length: 1 }
  if (word !== 'month') return null
  // As vc cost and the monthly budget count it.
  const first = (back: number): string => iso(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back))
  if (before === 'last' || before === 'previous') return { since: first(1), until: first(0), length: 1 }
  return { since: before === 'this' ? first(0) : '30d', until: null, length: 1 }
}

const partsOf = (words: readonly string[], now: Date): readonly Part[] => {
  const parts: Part[] = []
  for (let at = 0; at < words.length; at += 1) {
    const found = age(words, at) ?? day(words, at, now) ?? moment(words, at, now) ?? calendar(words, at, now)
    if (found === null) continue
    parts.push({ ...found, at })
    at += found.length - 1
  }
  return parts
}

const BEGINS = new Set(['since', 'from', 'after'])
const ENDS = new Set(['until', 'till', 'to', 'before'])

const unclear = (word: string | undefined, why: string): SpanRead => ({ is: 'unclear', word: word ?? '', why })

const isAhead = (time: string | null, now: Date): boolean => time !== null && Date.parse(time) > now.getTime()

/** The span as far as it has come: of what is ahead nothing can be told. */
const spanTo = (since: string, until: string | null, said: readonly string[], now: Date): SpanRead => {
  if (isAhead(since, now)) return unclear(said[0], 'lies in the future')
  if (until !== null && Date.parse(since) >= Date.parse(until)) return unclear(said[0], 'begins after it ends')
  return { is: 'span', span: { since, until: isAhead(until, now) ? null : until, words: said } }
}

/** The time a question names, as UTC. Ages stay ages (`2h`), so that they count from the answer. */
export const readSpan = (words: readonly string[], now: Date): SpanRead => {
  const parts = partsOf(words, now)
  const [first, second, third] = parts
  if (first === undefined) return { is: 'none' }
  const said = parts.flatMap(({ at, length }) => words.slice(at, at + length))
  const before = words[first.at - 1] ?? ''
  if (second === undefined) {
    if (ENDS.has(before)) return unclear(before, 'names an end without a beginning')
    return spanTo(first.since, BEGINS.has(before) ? null : first.until, said, now)
  }
  const between = words.slice(first.at + first.length, second.at)
  const joins = between.length === 1 && (ENDS.has(between[0] ?? '') || (between[0] === 'and' && before === 'between'))
  if (third !== undefined || !joins) return unclear(words[(third ?? second).at], 'is one time more than one span has')
  // "to 2026-11-05" means that day, too; "before 2026-11-05" does not.
  const until = between[0] === 'before' || second.until === null ? second.since : second.until
  return spanTo(first.since, until, said, now)
}
