import { groupIn } from './ask-group.ts'
import { INTENTS, type Intent } from './ask-intents.ts'
import { type Guess, type KnownNames, type Named, namedBy, nearBy, summedBy } from './ask-names.ts'
import { readSpan, type Span, type SpanRead } from './ask-span.ts'
import { negationIn, timeIn } from './ask-unclear.ts'

/** What a question was read as. Nothing is guessed: a name that is not known is asked back. */
export type Understood =
  | {
      readonly is: 'intent'
      readonly intent: Intent
      readonly named: readonly Named[]
      readonly span: Span | null
      /** What sums are to be told by, where the question says it: “per day”, “which agent”. */
      readonly by: string | null
      /** Words that were not used for anything. */
      readonly unused: readonly string[]
    }
  | { readonly is: 'which'; readonly intent: Intent; readonly guess: Guess | null; readonly unknown: string | null }
  /** A word that would make the answer another one, and that is not read: better none than a false one. */
  | {
      readonly is: 'unclear'
      readonly intent: Intent
      readonly word: string
      readonly why: string
      readonly fix: string
    }
  | { readonly is: 'not_understood'; readonly guess: Guess | null }

const MAX_WORDS = 64

/** Lower-case words; what names are made of (`/ - . _ @ :`) stays inside a word. */
export const wordsOf = (question: string): readonly string[] =>
  (question.toLowerCase().match(/[\p{L}\p{N}_@/][\p{L}\p{N}._@:/%+-]*/gu) ?? [])
    .map((word) => word.replace(/(?:'s|[.:,;!?/-]+)$/u, ''))
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS)

const fits = (word: string, pattern: string): boolean =>
  pattern.endsWith('*') ? word.startsWith(pattern.slice(0, -1)) : word === pattern

const scoreOf = (intent: Intent, words: readonly string[]): number =>
  Math.max(0, ...intent.says.map((say) => (say.every((one) => words.some((word) => fits(word, one))) ? say.length : 0)))

// A named thing is worth as much as a word: "why is atlas/claude-7k2m slow" is about the agent's machine, not about agents.
const ranked = (words: readonly string[], named: readonly Named[]): readonly { intent: Intent; score: number }[] =>
  INTENTS.map((intent) => {
    const score = scoreOf(intent, words)
    const has = intent.needs !== null && named.some(({ kind }) => kind === intent.needs)
    const lacks = intent.needs !== null && !has
    return { intent, score: score === 0 ? 0 : score + (has ? 1 : 0) - (lacks ? 0.5 : 0) }
  })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)

const SMALL = new Set(
  'a about all open closed am an and any anything after are at be been before between by can could did do does doing for from get give had has have how i if in is it its last let list long many me much my need needs next no not now of on or our out past please s see set should show since so tell that the their them then there these they this till to until up us use used using vc was we were what when where which who why will with working would you your today yesterday machine machines agent agents account accounts repo repos project fleet server box host'.split(
    ' ',
  ),
)

const leftOver = (words: readonly string[], intent: Intent, named: readonly Named[], span: Span | null): string[] => {
  const used = new Set([...named.map(({ word }) => word), ...(span?.words ?? [])])
  return words.filter(
    (word) => !SMALL.has(word) && !used.has(word) && !intent.says.some((say) => say.some((one) => fits(word, one))),
  )
}

const PRESENT = new Set(['today', 'tonight', 'now'])

// An answer about now must not pass for one about yesterday.
const pastOver = (intent: Intent, span: Span | null): readonly string[] => {
  if (span === null || intent.times === 'span' || span.words.every((word) => PRESENT.has(word))) return []
  return intent.times === 'beginning' && span.until === null ? [] : span.words
}

const AHEAD = new Set(['will', 'forecast', 'expect', 'expected', 'projected', 'predict', 'predicted'])

const FORMS =
  'write for example: today, yesterday, 2h, 3 weeks, this month, last month, 2026-11-20, since 03:12, between 2026-11-01 and 2026-11-05'

/** What of the words would be passed over at the price of a false answer. */
const unclearIn = (
  words: readonly string[],
  intent: Intent,
  named: readonly Named[],
  time: SpanRead,
  grouped: readonly string[],
): Understood | null => {
  const names = new Set(named.map(({ word }) => word))
  const rest = words.filter((word) => !names.has(word))
  const negation = negationIn(rest)
  const asks = intent.says.some(
    (say) => say.includes(negation ?? '') && say.every((one) => words.some((word) => fits(word, one))),
  )
  if (negation !== null && !asks)
    return {
      is: 'unclear', intent, word: negation, why: 'turns the question around, which vc ask does not read',
      fix: 'ask for what is, without it',
    } // biome-ignore format: one thing
  const ahead = intent.groups === true ? rest.find((word) => AHEAD.has(word)) : undefined
  if (ahead !== undefined)
    return {
      is: 'unclear', intent, word: ahead, why: 'asks what is to come, and vc ask tells what was',
      fix: 'vc robot cost --json has forecasts and budgets',
    } // biome-ignore format: one thing
  if (time.is === 'unclear') return { is: 'unclear', intent, word: time.word, why: time.why, fix: FORMS }
  const used = new Set([...(time.is === 'span' ? time.span.words : []), ...grouped])
  const odd = timeIn(
    rest.filter((word) => !used.has(word) && !intent.says.some((say) => say.some((one) => fits(word, one)))),
  )
  return odd === null ? null : { is: 'unclear', intent, word: odd, why: 'is no time that vc ask reads', fix: FORMS }
}

/** Reads a question. `now` only turns words such as `yesterday` into times. */
export const understand = (
  question: string,
  known: KnownNames,
  now: Date,
  models: readonly string[] = [],
): Understood => {
  const words = wordsOf(question)
  const things = words.flatMap((word) => (SMALL.has(word) ? [] : namedBy(word, known)))
  const time = readSpan(words, now)
  const span = time.is === 'span' ? time.span : null
  const strange = (): string[] => words.filter((word) => !SMALL.has(word) && !things.some((one) => one.word === word))
  const [best] = ranked(words, things)
  if (best === undefined) {
    const [one] = things
    const intent = INTENTS.find(({ needs }) => one !== undefined && needs === one.kind)
    // A name alone asks how it is.
    if (intent !== undefined && strange().length === 0)
      return { is: 'intent', intent, named: things, span, by: null, unused: pastOver(intent, span) }
    return { is: 'not_understood', guess: firstGuess(strange(), known) }
  }
  const { intent } = best
  const strangers = intent.groups === true ? strange().flatMap((word) => summedBy(word, models)) : []
  const named = [...things, ...strangers]
  const grouped = groupIn(words, intent)
  const unclear = unclearIn(words, intent, named, time, grouped.words)
  if (unclear !== null) return unclear
  const unused = [...leftOver(words, intent, named, span), ...pastOver(intent, span)].filter(
    (word) => !grouped.words.includes(word),
  )
  const { needs } = intent
  if (needs !== null && !named.some(({ kind }) => kind === needs)) {
    const guess = unused.map((word) => nearBy(word, known, [needs])).find((one) => one !== null) ?? null
    return { is: 'which', intent, guess, unknown: guess?.word ?? unused[0] ?? null }
  }
  // A misspelt name would silently widen the answer to the whole fleet.
  const guess =
    named.length === 0
      ? firstGuess(
          unused.filter((word) => standsForName(word, words)),
          known,
        )
      : null
  if (guess !== null) return { is: 'which', intent, guess, unknown: guess.word }
  return { is: 'intent', intent, named, span, by: grouped.by, unused }
}

const BEFORE_NAMES = new Set(['on', 'of', 'for', 'at', 'by', 'is', 'does', 'did', 'from', 'with', 'in', 'has'])

const standsForName = (word: string, words: readonly string[]): boolean =>
  BEFORE_NAMES.has(words[words.indexOf(word) - 1] ?? '')

const firstGuess = (words: readonly string[], known: KnownNames): Guess | null =>
  words.map((word) => nearBy(word, known)).find((one) => one !== null) ?? null
