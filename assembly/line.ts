// The line that was found last, and how many were met since the search began.
import { byte, lineEnd, OPEN, QUOTE, standsAt } from './bytes'

const TYPE_KEY = '"type":"'

let start: i32 = 0
let stop: i32 = 0
let count: i32 = 0

export function beginLines(): void {
  count = 0
}

/** Goes to the line that begins there; false when it does not end before `end`. */
export function meetLine(from: i32, end: i32): bool {
  start = from
  stop = lineEnd(from, end)
  if (stop < 0) return false
  count += 1
  return true
}

export function lineStart(): i32 {
  return start
}

export function lineStop(): i32 {
  return stop
}

export function lineCount(): i32 {
  return count
}

/**
 * Where the text of a line's own `type` begins: both CLIs write the scalar keys first, so one before the first inner object is the
 * record's. -1: so many first bytes do not prove it.
 */
export function typeAt(from: i32, end: i32, prefixBytes: i32): i32 {
  const limit = min(end, from + prefixBytes)
  for (let i = from + 1; i < limit; i += 1) {
    if (byte(i) === OPEN) return -1
    if (byte(i) === QUOTE && standsAt(i, TYPE_KEY)) return i + TYPE_KEY.length
  }
  return -1
}
