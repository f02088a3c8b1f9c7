import type { AnswerNow } from '../screen.ts'
import { ageWords } from './age.ts'
import { type Line, span } from './line.ts'

/** Why a panel is empty and what would fill it. */
interface EmptyWords {
  readonly why: string
  readonly fill: string
}

const ASKING: EmptyWords = { why: 'Asking the daemon …', fill: 'the answer comes in a moment; `r` asks again' }
const REFUSED: EmptyWords = { why: 'No answer came.', fill: '`r` asks again, `E` tells why' }

/** What a panel says while nothing came: still asked for, refused, or `words` of the screen when the answer has no rows. */
export const emptyWords = (answer: AnswerNow | undefined, words: EmptyWords): EmptyWords => {
  if (answer === undefined) return ASKING
  if (answer.ageMs !== null) return words
  return answer.error === null ? ASKING : REFUSED
}

/** The age of an answer for the title of its panel: nothing while it is fresh, `2 m old` when not. */
export const ageNote = (answer: AnswerNow | undefined, staleAfterMs = 15_000): Line => {
  if (answer === undefined || answer.ageMs === null) return []
  return answer.ageMs > staleAfterMs ? [span(`${ageWords(answer.ageMs / 1000)} old`, 'stale')] : []
}

/** The parts of a panel that say how its answer stands: `{ ...standing(view.answers.usage) }`. What is asked for seldom is old later. */
export const standing = (
  answer: AnswerNow | undefined,
  staleAfterMs?: number,
): { readonly note: Line; readonly error?: { readonly line: string; readonly detail: string } } => ({
  note: ageNote(answer, staleAfterMs),
  ...(answer?.error ? { error: answer.error } : {}),
})
