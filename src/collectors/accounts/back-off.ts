/** What is remembered of refusals between runs; it survives a restart. */
export interface BackOff {
  readonly refusals: number
  readonly notBeforeMs: number
}

const FIRST_MS = 10 * 60_000
const MOST_MS = 4 * 3_600_000

export const backOffOf = (value: unknown): BackOff => {
  const known = value as Partial<BackOff> | null | undefined
  if (typeof known?.refusals !== 'number' || typeof known.notBeforeMs !== 'number')
    return { refusals: 0, notBeforeMs: 0 }
  return { refusals: known.refusals, notBeforeMs: known.notBeforeMs }
}

/** Ten minutes after the first refusal, then doubling up to four hours: asking again sooner keeps the lock shut. */
export const afterRefusal = (before: BackOff, atMs: number): BackOff => {
  const refusals = Math.min(before.refusals + 1, 32)
  return { refusals, notBeforeMs: atMs + Math.min(MOST_MS, FIRST_MS * 2 ** (refusals - 1)) }
}

/** Words of a provider that wants to be left alone. */
export const isThrottled = (words: string): boolean => /\b429\b|too many requests|rate.?limited/i.test(words)
