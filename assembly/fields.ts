// Reads a few known fields of a JSON record from its bytes, walking every bracket and string; nothing is decoded here.
import {
  beyondAsciiAt,
  byte,
  CLOSE,
  CLOSE_LIST,
  COLON,
  COMMA,
  equal,
  isDigit,
  MINUS,
  marksAt,
  OPEN,
  OPEN_LIST,
  PLUS,
  POINT,
  QUOTE,
  RETURN,
  SPACE,
  standsAt,
  ZERO,
} from './bytes'
import { findKey, insideOf, reserve, slotOf, stopsAt } from './keys'

// What stands in a slot; field-reader.ts has the same numbers.
export const ABSENT: u8 = 0
export const ASCII: u8 = 1
export const CODED: u8 = 2 // text beyond ASCII, or with escapes
export const WHOLE: u8 = 3
const TRUE: u8 = 4
const OTHER: u8 = 5
export const NESTED: u8 = 6
export const NUMBER: u8 = 7 // with a sign, a fraction, an exponent or many digits

// The bytes are not what the reader can vouch for (another layout, damage), or a list at which it stops.
const BAD: i32 = -1
const STOPPED: i32 = -2

const LETTER_E: u32 = 101
const MOST_KEPT: i32 = 1020
const KEPT_BYTES: i32 = 1024
const MOST_DIGITS: i32 = 15

// The reader in use.
let table: i32 = 0
let kinds: i32 = 0
let starts: i32 = 0
let ends: i32 = 0
let numbers: i32 = 0
let limit: i32 = 0
/** Where the list stands that stopped the reading, or 0. */
export let stoppedAt: i32 = 0

/**
 * A reader of `slots` fields below the root `table`: 24 bytes, of which callers know the places of the kinds (8), starts (12),
 * ends (16) and numbers (20).
 */
export function newReader(root: i32, slots: i32): i32 {
  const reader = reserve(28)
  store<i32>(reader, root)
  store<i32>(reader, slots, 4)
  store<i32>(reader, reserve(slots), 8)
  store<i32>(reader, reserve(slots * 4), 12)
  store<i32>(reader, reserve(slots * 4), 16)
  store<i32>(reader, reserve(slots * 8), 20)
  const kept = reserve(slots * KEPT_BYTES)
  store<i32>(reader, kept, 24)
  for (let slot = 0; slot < slots; slot += 1) store<i32>(kept + slot * KEPT_BYTES, -1)
  return reader
}

/** Reads the object that fills `start`…`end`. False: see `stoppedAt`, or the layout is unusual. */
export function read(reader: i32, start: i32, end: i32): bool {
  use(reader)
  limit = end
  stoppedAt = 0
  memory.fill(kinds, ABSENT, load<i32>(reader, 4))
  return byte(start) === OPEN && isEnd(members(start + 1, table))
}

/** Whose fields are asked for from here on. */
export function use(reader: i32): void {
  table = load<i32>(reader)
  kinds = load<i32>(reader, 8)
  starts = load<i32>(reader, 12)
  ends = load<i32>(reader, 16)
  numbers = load<i32>(reader, 20)
}

/** Goes on behind the list that stopped the reading. The rest must close exactly the objects that were open: `inner`, then the root. */
export function resume(at: i32, inner: i32): bool {
  const behind = rest(at, inner)
  return behind > 0 && isEnd(rest(behind, table))
}

export function kindOf(slot: i32): u8 {
  return load<u8>(kinds + slot)
}

export function startOf(slot: i32): i32 {
  return load<i32>(starts + slot * 4)
}

export function endOf(slot: i32): i32 {
  return load<i32>(ends + slot * 4)
}

/** True when a field is this plain text. */
export function isText(slot: i32, text: string): bool {
  if (kindOf(slot) !== ASCII || endOf(slot) - startOf(slot) !== text.length) return false
  return standsAt(startOf(slot), text)
}

/** A whole number; NaN for what may be one when it is decoded, 0 for all else. */
export function countOf(slot: i32): f64 {
  const kind = kindOf(slot)
  return kind === WHOLE ? load<f64>(numbers + slot * 8) : kind === NUMBER ? NaN : 0
}

/** True when a plain text is the one that was kept of its slot: nobody decodes it twice then. */
export function isKept(reader: i32, slot: i32): bool {
  const start = load<i32>(load<i32>(reader, 12) + slot * 4)
  const size = load<i32>(load<i32>(reader, 16) + slot * 4) - start
  const kept = load<i32>(reader, 24) + slot * KEPT_BYTES
  return size === load<i32>(kept) && equal(start, kept + 4, size)
}

export function keepText(reader: i32, slot: i32): void {
  const start = load<i32>(load<i32>(reader, 12) + slot * 4)
  const size = load<i32>(load<i32>(reader, 16) + slot * 4) - start
  const kept = load<i32>(reader, 24) + slot * KEPT_BYTES
  store<i32>(kept, size <= MOST_KEPT ? size : -1)
  if (size <= MOST_KEPT) memory.copy(kept + 4, start, size)
}

function keep(field: i32, kind: u8, start: i32, end: i32): void {
  if (field === 0) return
  const slot = slotOf(field)
  if (slot < 0) return
  store<u8>(kinds + slot, kind)
  store<i32>(starts + slot * 4, start)
  store<i32>(ends + slot * 4, end)
}

function isEnd(at: i32): bool {
  return at === limit || (at === limit - 1 && byte(at) === RETURN)
}

/** After a value: the members that follow, up to and behind the closing bracket. */
function rest(at: i32, inside: i32): i32 {
  if (byte(at) === COMMA) return members(at + 1, inside)
  return byte(at) === CLOSE ? at + 1 : BAD
}

function members(at: i32, inside: i32): i32 {
  if (byte(at) === CLOSE) return byte(at - 1) === OPEN ? at + 1 : BAD
  let i = at
  while (i < limit) {
    if (byte(i) !== QUOTE) return BAD
    const start = i + 1
    i = keyEnd(start)
    if (i < 0 || byte(i + 1) !== COLON) return BAD
    i = value(i + 2, findKey(inside, start, i - start))
    if (i < 0) return i
    if (byte(i) === CLOSE) return i + 1
    if (byte(i) !== COMMA) return BAD
    i += 1
  }
  return BAD
}

/** Where a key's closing quote stands; escapes in keys are unusual. */
function keyEnd(start: i32): i32 {
  for (let i = start; i < limit; i += 16) {
    const found = marksAt(i)
    if (found === 0) continue
    const at = i + ctz(found)
    return at < limit && byte(at) === QUOTE ? at : BAD
  }
  return BAD
}

/** Index behind the value that begins at `at`. */
function value(at: i32, field: i32): i32 {
  const first = byte(at)
  if (first === QUOTE) return text(at + 1, field)
  if (first !== OPEN && first !== OPEN_LIST) return literal(at, field)
  if (field !== 0 && first === OPEN_LIST && stopsAt(field)) {
    stoppedAt = at
    return STOPPED
  }
  const inside = field === 0 ? 0 : insideOf(field)
  const end = inside !== 0 && first === OPEN ? members(at + 1, inside) : skip(at)
  if (end > 0) keep(field, NESTED, at, end)
  return end
}

function text(start: i32, field: i32): i32 {
  let i = start
  let coded = false
  while (i < limit) {
    const found = marksAt(i)
    const beyond = beyondAsciiAt(i)
    if (found === 0) {
      if (beyond !== 0) coded = true
      i += 16
      continue
    }
    const plain = ctz(found)
    if ((beyond & ((1 << plain) - 1)) !== 0) coded = true
    i += plain
    if (i >= limit || byte(i) < SPACE) return BAD
    if (byte(i) === QUOTE) {
      keep(field, coded ? CODED : ASCII, start, i)
      return i + 1
    }
    coded = true
    i += 2
  }
  return BAD
}

/** Index behind the object or list at `at`, by its brackets; strings are stepped over. */
function skip(at: i32): i32 {
  let depth = 0
  let i = at
  while (i < limit) {
    const letter = byte(i)
    if (letter === QUOTE) {
      i = text(i + 1, 0)
      if (i < 0) return BAD
      continue
    }
    if (letter === OPEN || letter === OPEN_LIST) depth += 1
    else if (letter === CLOSE || letter === CLOSE_LIST) depth -= 1
    i += 1
    if (depth === 0) return i
  }
  return BAD
}

function literal(at: i32, field: i32): i32 {
  let i = at
  let number: u64 = 0
  let digits = true
  for (; i < limit; i += 1) {
    const letter = byte(i)
    if (letter === COMMA || letter === CLOSE || letter === CLOSE_LIST) break
    if (!isDigit(i)) digits = false
    number = number * 10 + (letter - ZERO)
  }
  if (digits && i > at && i - at <= MOST_DIGITS && (byte(at) !== ZERO || i === at + 1)) {
    keep(field, WHOLE, at, i)
    if (field !== 0 && slotOf(field) >= 0) store<f64>(numbers + slotOf(field) * 8, number as f64)
    return i
  }
  const kind = wordKind(at, i)
  if (kind === ABSENT) return BAD
  keep(field, kind, at, i)
  return i
}

/** `ABSENT`: not a word of JSON. */
function wordKind(start: i32, end: i32): u8 {
  const size = end - start
  if (size === 4 && standsAt(start, 'null')) return OTHER
  if (size === 4 && standsAt(start, 'true')) return TRUE
  if (size === 5 && standsAt(start, 'false')) return OTHER
  return isNumber(start, end) ? NUMBER : ABSENT
}

function isNumber(start: i32, end: i32): bool {
  let i = byte(start) === MINUS ? start + 1 : start
  const whole = i
  i = digitsEnd(i, end)
  if (i === whole || (byte(whole) === ZERO && i > whole + 1)) return false
  if (i < end && byte(i) === POINT) {
    const fraction = i + 1
    i = digitsEnd(fraction, end)
    if (i === fraction) return false
  }
  if (i < end && (byte(i) | 32) === LETTER_E) {
    const sign = byte(i + 1)
    const exponent = sign === PLUS || sign === MINUS ? i + 2 : i + 1
    i = digitsEnd(exponent, end)
    if (i === exponent) return false
  }
  return i === end
}

function digitsEnd(from: i32, end: i32): i32 {
  let i = from
  while (i < end && isDigit(i)) i += 1
  return i
}
