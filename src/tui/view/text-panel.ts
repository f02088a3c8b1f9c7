import type { Rect, TextPanel } from '../panel.ts'
import type { AnswerNow } from '../screen.ts'
import { emptyWords, standing } from './answer-notes.ts'
import type { Line } from './line.ts'

interface TextWish {
  readonly id: string
  readonly title: string
  readonly at: Rect
  readonly answer: AnswerNow | undefined
  /** From which age on the answer counts as old; default: that of every answer. */
  readonly staleAfterMs?: number
  readonly empty: { readonly why: string; readonly fill: string }
  readonly lines: readonly Line[]
}

/** Lines made of one answer, with everything a panel says of how its answer stands. */
export const textPanel = ({ answer, staleAfterMs, empty, ...shown }: TextWish): TextPanel => ({
  kind: 'text',
  ...shown,
  ...standing(answer, staleAfterMs),
  empty: emptyWords(answer, empty),
})
