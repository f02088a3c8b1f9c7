/** A window is this many times as long as the last group took: on a busy machine too, commits are a small part of the time. */
const REST_TIMES = 30
/** And never longer than so many of the shortest: what was seen must show soon. */
const LONGEST_WINDOWS = 2

/**
 * How long runs wait for others to commit with, in ms. What a group costs depends on its tables, hardly on its runs: where
 * the last one took long, more runs share the next.
 */
export const groupWindowMs = (shortestMs: number, tookMs: number): number =>
  Math.min(shortestMs * LONGEST_WINDOWS, Math.max(shortestMs, tookMs * REST_TIMES))
