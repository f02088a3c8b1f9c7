// The keys of one object that are asked for. A table of them is never more than half full, so that each search ends.
import { equal } from './bytes'

// A field in memory: length of its name (-1: a free place), where the name lies, slot of its value (-1: none is kept), whether
// reading stops at a list there, and the table of the keys inside it (0: none).
const FIELD_BYTES: i32 = 20

let top: i32 = 0

/** So many bytes that nobody else has, for ever. */
export function reserve(size: i32): i32 {
  if (top === 0) top = __heap_base as i32
  const at = (top + 15) & ~15
  top = at + size
  return at
}

/** A table of `places`, which is a power of two. */
export function newTable(places: i32): i32 {
  const table = reserve(4 + places * FIELD_BYTES)
  store<i32>(table, places - 1)
  for (let at = 0; at < places; at += 1) store<i32>(table + 4 + at * FIELD_BYTES, -1)
  return table
}

export function addKey(table: i32, name: i32, length: i32, slot: i32, stops: bool, inner: i32): void {
  const mask = load<i32>(table)
  let at = hashOf(name, length) & mask
  while (load<i32>(table + 4 + at * FIELD_BYTES) >= 0) at = (at + 1) & mask
  const field = table + 4 + at * FIELD_BYTES
  store<i32>(field, length)
  store<i32>(field, name, 4)
  store<i32>(field, slot, 8)
  store<i32>(field, stops ? 1 : 0, 12)
  store<i32>(field, inner, 16)
}

/** The field of a key, or 0. */
export function findKey(table: i32, start: i32, length: i32): i32 {
  const mask = load<i32>(table)
  let at = hashOf(start, length) & mask
  while (true) {
    const field = table + 4 + at * FIELD_BYTES
    const size = load<i32>(field)
    if (size < 0) return 0
    if (size === length && equal(start, load<i32>(field, 4), length)) return field
    at = (at + 1) & mask
  }
}

export function slotOf(field: i32): i32 {
  return load<i32>(field, 8)
}

export function stopsAt(field: i32): bool {
  return load<i32>(field, 12) !== 0
}

export function insideOf(field: i32): i32 {
  return load<i32>(field, 16)
}

/** Of the length and the letters at both ends: all keys of these records differ there. */
function hashOf(start: i32, length: i32): i32 {
  const head = length >= 4 ? load<u32>(start) : load<u32>(start) & ((1 << (length * 8)) - 1)
  const tail = length >= 4 ? load<u32>(start + length - 4) : 0
  const mixed = (head * 0x9e3779b1) ^ (tail * 0x85ebca6b)
  return ((mixed ^ (mixed >> 15)) + length) as i32
}
