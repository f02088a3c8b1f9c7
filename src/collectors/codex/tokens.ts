import { countOf, objectOf } from '../transcripts/json-cut.ts'

/** Codex counters: input includes cached and written, output includes reasoning. `total` may be inflated. */
export interface Counters {
  readonly input: number
  readonly cached: number
  readonly written: number
  readonly output: number
  readonly reasoning: number
  readonly total: number
}

export const ZERO: Counters = { input: 0, cached: 0, written: 0, output: 0, reasoning: 0, total: 0 }

export const countersOf = (value: unknown): Counters | null => {
  const usage = objectOf(value)
  if (usage === null || !('input_tokens' in usage || 'output_tokens' in usage)) return null
  return {
    input: countOf(usage.input_tokens),
    cached: countOf(usage.cached_input_tokens),
    written: countOf(usage.cache_write_input_tokens),
    output: countOf(usage.output_tokens),
    reasoning: countOf(usage.reasoning_output_tokens),
    total: countOf(usage.total_tokens),
  }
}

/** vc's convention: input without cache; parts never exceed their whole. */
export const normalized = (counters: Counters) => {
  const cached = Math.min(counters.cached, counters.input)
  const written = Math.min(counters.written, counters.input - cached)
  return {
    inputTokens: counters.input - cached - written,
    outputTokens: counters.output,
    cacheReadTokens: cached,
    cacheWrite5mTokens: written,
    cacheWrite1hTokens: 0,
    reasoningTokens: Math.min(counters.reasoning, counters.output),
  }
}

/** True when any counter fell: the CLI began to count anew (context overflow, new process). `total` alone says nothing. */
export const restarted = (before: Counters, now: Counters): boolean =>
  now.input < before.input ||
  now.cached < before.cached ||
  now.written < before.written ||
  now.output < before.output ||
  now.reasoning < before.reasoning

export const minus = (now: Counters, before: Counters): Counters => ({
  input: now.input - before.input,
  cached: now.cached - before.cached,
  written: now.written - before.written,
  output: now.output - before.output,
  reasoning: now.reasoning - before.reasoning,
  total: Math.max(0, now.total - before.total),
})

export const isZero = ({ input, cached, written, output, reasoning }: Counters): boolean =>
  input === 0 && cached === 0 && written === 0 && output === 0 && reasoning === 0

/** Stable text of a counter value, part of the key where no response id was written. */
export const counterText = (c: Counters): string =>
  `${c.input}.${c.cached}.${c.written}.${c.output}.${c.reasoning}.${c.total}`
