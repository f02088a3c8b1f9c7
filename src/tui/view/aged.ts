import type { Span } from './line.ts'

/** The same words in the tone of what is old, when it is; what looked good in the past is not good now. */
export const aged = (one: Span, stale: boolean): Span =>
  stale && one.tone !== 'unknown' ? { ...one, tone: 'stale' } : one

export const agedAll = (all: readonly Span[], stale: boolean): readonly Span[] => all.map((one) => aged(one, stale))
