import type { AccountObservation } from '../accounts/index.ts'
import type { CodexState } from './state.ts'

const SAME_MS = 10 * 60_000
const LONGEST_TURN_MS = 12 * 3_600_000
// A thread's id is minted a moment before or after its first turn's.
const SLACK_MS = 2_000

/**
 * True when the line belongs to a turn this thread ran itself. A copied turn began before the thread was created, or long
 * before the time its line now bears; in a fork, a turn of unknown beginning is not trusted.
 */
export const isObservable = (state: CodexState, tsMs: number): boolean => {
  const started = state.turnStartedMs
  if (started === null) return state.parentId === null && state.rootId === state.threadId
  if (state.createdMs !== null && started < state.createdMs - SLACK_MS) return false
  return tsMs - started <= LONGEST_TURN_MS
}

/** Drops repetitions of a window's last kept value within ten minutes, and windows that had already been reset. */
export const thinOut = (state: CodexState, seen: readonly AccountObservation[]): readonly AccountObservation[] =>
  seen.filter((one) => {
    const atMs = one.observed_at.getTime()
    if (one.resets_at !== null && one.resets_at.getTime() <= atMs) return false
    const key = `${one.limit_id}|${one.window_name}`
    const reset = one.resets_at === null ? null : Math.round(one.resets_at.getTime() / 60_000)
    const last = state.series[key]
    if (last !== undefined && last[0] === one.used_pct && last[1] === reset && Math.abs(atMs - last[2]) < SAME_MS)
      return false
    // A hostile file may name a new limit on every line.
    if (last === undefined && Object.keys(state.series).length >= 64) return false
    state.series[key] = [one.used_pct, reset, atMs]
    return true
  })

/**
 * Knows when limits were last looked at that are there byte for byte again: within ten minutes `thinOut` would drop them, so they
 * need not be parsed, which is most of them.
 */
export const createRepeats = () => {
  let seenMs = 0
  return {
    has(atMs: number, isSame: boolean): boolean {
      if (isSame && atMs >= seenMs && atMs - seenMs < SAME_MS) return true
      seenMs = atMs
      return false
    },
    /** When they were; 0: never. */
    seenMs: () => seenMs,
  }
}
