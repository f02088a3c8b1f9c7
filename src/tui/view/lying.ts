import type { AnswerNow } from '../screen.ts'

/** Seconds an answer has been lying here: ages in it are that much older by now. */
export const lyingS = (answer: AnswerNow | undefined): number => Math.floor((answer?.ageMs ?? 0) / 1000)

/** Whether an answer is so old that what it says is no picture of now. */
export const isOldAnswer = (answer: AnswerNow | undefined, staleAfterMs = 15_000): boolean =>
  (answer?.ageMs ?? 0) > staleAfterMs

/** A row with an age, as old as it is by now, and stale when its answer is. */
export const olderBy = <Row extends { readonly age_s: number | null; readonly stale: boolean }>(
  row: Row,
  answer: AnswerNow | undefined,
): Row => ({
  ...row,
  age_s: row.age_s === null ? null : row.age_s + lyingS(answer),
  stale: row.stale || isOldAnswer(answer),
})
