// The line that was found last, and how many were met since the search began.
import { lineEnd } from './bytes'

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
