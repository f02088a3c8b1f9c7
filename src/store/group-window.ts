/** A window is this many times as long as the last group took: on a busy machine too, commits are a small part of the time. */
const REST_TIMES = 30
/** And never longer than so many of the shortest: what was seen must show soon. */
const LONGEST_WINDOWS = 2

/** For what somebody should see soon commits may be a larger part of the time. */
const SOON_REST_TIMES = 10
/** Sources that are looked at together end within it. */
const COMPANY_MS = 20

/**
 * How long runs wait for others to commit with, in ms. What a group costs depends on its tables, hardly on its runs: where
 * the last one took long, more runs share the next.
 */
export const groupWindowMs = (shortestMs: number, tookMs: number): number =>
  Math.min(shortestMs * LONGEST_WINDOWS, Math.max(shortestMs, tookMs * REST_TIMES))

/** The same for a run that tells something new of an agent: no longer than keeps commits rare, counted from the last one's end. */
export const soonWindowMs = (windowMs: number, tookMs: number, sinceLastMs: number): number =>
  Math.min(windowMs, Math.max(COMPANY_MS, tookMs * SOON_REST_TIMES - sinceLastMs))
