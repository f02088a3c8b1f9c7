// Bytes of lines where they lie in memory. Every search may look up to 64 bytes beyond its end, which is always memory.

export const LINE_FEED: u32 = 10
export const RETURN: u32 = 13
export const SPACE: u32 = 32
export const QUOTE: u32 = 34
export const PLUS: u32 = 43
export const COMMA: u32 = 44
export const MINUS: u32 = 45
export const POINT: u32 = 46
export const ZERO: u32 = 48
export const COLON: u32 = 58
export const OPEN_LIST: u32 = 91
export const BACKSLASH: u32 = 92
export const CLOSE_LIST: u32 = 93
export const OPEN: u32 = 123
export const CLOSE: u32 = 125

export function byte(at: i32): u32 {
  return load<u8>(at)
}

export function isDigit(at: i32): bool {
  return byte(at) - ZERO <= 9
}

/** True when this text of plain ASCII stands there. */
export function standsAt(at: i32, text: string): bool {
  for (let i = 0; i < text.length; i += 1) if (byte(at + i) !== (text.charCodeAt(i) as u32)) return false
  return true
}

export function equal(a: i32, b: i32, size: i32): bool {
  let i = 0
  for (; i + 16 <= size; i += 16) if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false
  for (; i < size; i += 1) if (byte(a + i) !== byte(b + i)) return false
  return true
}

/** Where the next line feed stands, or -1. */
export function lineEnd(from: i32, end: i32): i32 {
  let i = from
  const feed = i8x16.splat(LINE_FEED as i8)
  for (; i + 64 <= end; i += 64) {
    const first = v128.or(i8x16.eq(v128.load(i), feed), i8x16.eq(v128.load(i, 16), feed))
    const second = v128.or(i8x16.eq(v128.load(i, 32), feed), i8x16.eq(v128.load(i, 48), feed))
    if (v128.any_true(v128.or(first, second))) break
  }
  for (; i < end; i += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(i), feed))
    if (found !== 0) return i + ctz(found) < end ? i + ctz(found) : -1
  }
  return -1
}

/** Which of the next sixteen bytes end a run of plain text: quotes, backslashes, control characters; one bit each. */
export function marksAt(at: i32): i32 {
  const bytes = v128.load(at)
  const quotes = i8x16.eq(bytes, i8x16.splat(QUOTE as i8))
  const slashes = i8x16.eq(bytes, i8x16.splat(BACKSLASH as i8))
  const controls = i8x16.lt_u(bytes, i8x16.splat(SPACE as i8))
  return i8x16.bitmask(v128.or(v128.or(quotes, slashes), controls))
}

/** Which of the next sixteen bytes are beyond ASCII. */
export function beyondAsciiAt(at: i32): i32 {
  return i8x16.bitmask(v128.load(at))
}

/** Text that can stand between two quotes as it is. */
export function isBare(from: i32, to: i32): bool {
  for (let i = from; i < to; i += 1) {
    const letter = byte(i)
    if (letter < SPACE || letter === QUOTE || letter === BACKSLASH) return false
  }
  return true
}
