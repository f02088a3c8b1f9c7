import { INTENTS, type Intent } from './ask-intents.ts'
import { type Guess, type KnownNames, type Named, namedBy, nearBy } from './ask-names.ts'
import { type Span, spanOf } from './ask-span.ts'

/** What a question was read as. Nothing is guessed: a name that is not known is asked back. */
export type Understood =
  | {
      readonly is: 'intent'
      readonly intent: Intent
      readonly named: readonly Named[]
      readonly span: Span | null
      /** Words that were not used for anything. */
      readonly unused: readonly string[]
    }
  | { readonly is: 'which'; readonly intent: Intent; readonly guess: Guess | null; readonly unknown: string | null }
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
  'a about all open closed am an and any anything are at be been by can could did do does doing for from get give had has have how i if in is it its last let list long many me much my need needs next no not now of on or our out past please s see set should show since so tell that the their them then there these they this to up us use used using vc was we were what when where which who why will with working would you your today yesterday week day hour month machine machines agent agents account accounts repo repos project fleet server box host'.split(
    ' ',
  ),
)

const leftOver = (words: readonly string[], intent: Intent, named: readonly Named[], span: Span | null): string[] => {
  const used = new Set([...named.map(({ word }) => word), ...(span?.words ?? [])])
  return words.filter(
    (word) => !SMALL.has(word) && !used.has(word) && !intent.says.some((say) => say.some((one) => fits(word, one))),
  )
}

/** Reads a question. `now` only turns words such as `yesterday` into times. */
export const understand = (question: string, known: KnownNames, now: Date): Understood => {
  const words = wordsOf(question)
  const named = words.flatMap((word) => (SMALL.has(word) ? [] : namedBy(word, known)))
  const span = spanOf(words, now)
  const strange = (): string[] => words.filter((word) => !SMALL.has(word) && !named.some((one) => one.word === word))
  const [best] = ranked(words, named)
  if (best === undefined) {
    const [one] = named
    const intent = INTENTS.find(({ needs }) => one !== undefined && needs === one.kind)
    // A name alone asks how it is.
    if (intent !== undefined && strange().length === 0) return { is: 'intent', intent, named, span, unused: [] }
    return { is: 'not_understood', guess: firstGuess(strange(), known) }
  }
  const { intent } = best
  const unused = leftOver(words, intent, named, span)
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
  return { is: 'intent', intent, named, span, unused }
}

const BEFORE_NAMES = new Set(['on', 'of', 'for', 'at', 'by', 'is', 'does', 'did', 'from', 'with', 'in', 'has'])

const standsForName = (word: string, words: readonly string[]): boolean =>
  BEFORE_NAMES.has(words[words.indexOf(word) - 1] ?? '')

const firstGuess = (words: readonly string[], known: KnownNames): Guess | null =>
  words.map((word) => nearBy(word, known)).find((one) => one !== null) ?? null
