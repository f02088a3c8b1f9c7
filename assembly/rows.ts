// Usage of messages as rows of numbers, one per message, until JavaScript takes a page of them: an object each would cost more
// than reading them does.
import { byte, equal } from './bytes'
import { reserve } from './keys'

// What usage-rows.ts knows the page by: columns of so many places, the texts of ids, and the way to a row by its id.
const MOST_ROWS: i32 = 4096
const TEXT_BYTES: i32 = 256 * 1024
const SLOTS: i32 = MOST_ROWS * 2

// Columns of f64, in the order of `NUMBERS` in pack.ts, then those of i32.
const TIME: i32 = 0
const INPUT: i32 = 1
const OUTPUT: i32 = 2
const CACHE_WRITE_1H: i32 = 5
const NUMBERS: i32 = 7
const PLACE: i32 = 0
const MODEL: i32 = 1
const HASH: i32 = 2
const KEY_AT: i32 = 3
const KEY_END: i32 = 4
const REQUEST_AT: i32 = 5
const REQUEST_END: i32 = 6
const INTEGERS: i32 = 7

const NUMBER_BYTES: i32 = MOST_ROWS * 8
const INTEGER_BYTES: i32 = MOST_ROWS * 4

const LINE_FEED: u32 = 10
const DELETE: u32 = 127
const HASH_SEED: i32 = -2128831035
const HASH_STEP: i32 = 16777619

let numbers: i32 = 0
let integers: i32 = 0
let keys: i32 = 0
let requests: i32 = 0
let requestLines: i32 = 0
let slots: i32 = 0
let count: i32 = 0
let keysEnd: i32 = 0
let requestsEnd: i32 = 0

/** Where the page lies: numbers, integers, keys as lines, requests as lines, one after the other. Once for all. */
export function newRows(): i32 {
  numbers = reserve(NUMBERS * NUMBER_BYTES + INTEGERS * INTEGER_BYTES + 2 * TEXT_BYTES)
  requests = reserve(TEXT_BYTES)
  integers = numbers + NUMBERS * NUMBER_BYTES
  keys = integers + INTEGERS * INTEGER_BYTES
  requestLines = keys + TEXT_BYTES
  slots = reserve(SLOTS * 4)
  clearRows()
  return numbers
}

export function clearRows(): void {
  count = 0
  keysEnd = keys
  requestsEnd = requests
  memory.fill(slots, 255, SLOTS * 4)
}

export function rowCount(): i32 {
  return count
}

/** Behind the last line of the keys. */
export function keysStop(): i32 {
  return keysEnd
}

/** Writes the requests as lines, in the order of their rows. */
export function writeRequests(): i32 {
  let at = requestLines
  for (let row = 0; row < count; row += 1) at = addLine(at, integerAt(REQUEST_AT, row), integerAt(REQUEST_END, row))
  return at
}

/** More tokens than any answer holds, by far; ledger.ts has the same number. */
export const MOST_TOKENS: f64 = 1e9

/** Sets what the row says that `addRow` is asked for next, in the order of `NUMBERS`. False: the page is full. */
export function setNumbers(at: f64, input: f64, output: f64, read: f64, write: f64, hour: f64, reasoning: f64): bool {
  if (count >= MOST_ROWS) return false
  setNumber(0, at)
  setNumber(1, input)
  setNumber(2, output)
  setNumber(3, read)
  setNumber(4, write)
  setNumber(5, hour)
  setNumber(6, reasoning)
  return true
}

function setNumber(column: i32, value: f64): void {
  store<f64>(numbers + column * NUMBER_BYTES + count * 8, value)
}

function numberAt(column: i32, row: i32): f64 {
  return load<f64>(numbers + column * NUMBER_BYTES + row * 8)
}

function integerAt(column: i32, row: i32): i32 {
  return load<i32>(integers + column * INTEGER_BYTES + row * 4)
}

function setInteger(column: i32, row: i32, value: i32): void {
  store<i32>(integers + column * INTEGER_BYTES + row * 4, value)
}

/**
 * Adds the row whose numbers were set; of a message that is there from the same place already, the larger report stays, with the
 * earlier moment. False, and nothing is added: there is no room for its ids, or one holds what is not kept as it is.
 */
export function addRow(place: i32, model: i32, key: i32, keyStop: i32, request: i32, requestStop: i32): bool {
  if (keysEnd + keyStop - key >= keys + TEXT_BYTES) return false
  // Each as a line, and one more for a message that is named later.
  if (requestsEnd + requestStop - request + 2 * MOST_ROWS >= requests + TEXT_BYTES) return false
  if (!isKeptAsIs(request, requestStop)) return false
  let hash = HASH_SEED
  for (let i = key; i < keyStop; i += 1) {
    if (byte(i) === DELETE) return false
    hash = (hash ^ (byte(i) as i32)) * HASH_STEP
  }
  let slot = hash & (SLOTS - 1)
  for (let row = load<i32>(slots + slot * 4); row >= 0; row = load<i32>(slots + slot * 4)) {
    if (isOf(row, hash, key, keyStop) && isMergeable(row, place, model, request, requestStop)) {
      if (integerAt(REQUEST_AT, row) === integerAt(REQUEST_END, row)) setRequest(row, request, requestStop)
      merge(row)
      return true
    }
    slot = (slot + 1) & (SLOTS - 1)
  }
  store<i32>(slots + slot * 4, count)
  setInteger(PLACE, count, place)
  setInteger(MODEL, count, model)
  setInteger(HASH, count, hash)
  setInteger(KEY_AT, count, keysEnd)
  keysEnd = addLine(keysEnd, key, keyStop)
  setInteger(KEY_END, count, keysEnd - 1)
  setRequest(count, request, requestStop)
  count += 1
  return true
}

function setRequest(row: i32, request: i32, requestStop: i32): void {
  setInteger(REQUEST_AT, row, requestsEnd)
  memory.copy(requestsEnd, request, requestStop - request)
  requestsEnd += requestStop - request
  setInteger(REQUEST_END, row, requestsEnd)
}

function isKeptAsIs(start: i32, end: i32): bool {
  for (let i = start; i < end; i += 1) if (byte(i) === DELETE) return false
  return true
}

function addLine(at: i32, start: i32, end: i32): i32 {
  const size = end - start
  memory.copy(at, start, size)
  store<u8>(at + size, LINE_FEED as u8)
  return at + size + 1
}

function isOf(row: i32, hash: i32, key: i32, keyStop: i32): bool {
  if (integerAt(HASH, row) !== hash) return false
  const at = integerAt(KEY_AT, row)
  const size = keyStop - key
  return integerAt(KEY_END, row) - at === size && equal(at, key, size)
}

/** From the same place and model, and of no other request. All else becomes a row of its own, merged with this one later. */
function isMergeable(row: i32, place: i32, model: i32, request: i32, requestStop: i32): bool {
  if (integerAt(PLACE, row) !== place || integerAt(MODEL, row) !== model) return false
  const at = integerAt(REQUEST_AT, row)
  const size = integerAt(REQUEST_END, row) - at
  const given = requestStop - request
  return size === 0 || given === 0 || (size === given && equal(at, request, size))
}

/** As `mergeFacts` does it; the new report stands where the next row will. */
function merge(row: i32): void {
  if (isFuller(count, row)) for (let column = INPUT; column < NUMBERS; column += 1) copyNumber(column, row)
  if (numberAt(TIME, count) < numberAt(TIME, row)) copyNumber(TIME, row)
}

function copyNumber(column: i32, row: i32): void {
  store<f64>(numbers + column * NUMBER_BYTES + row * 8, numberAt(column, count))
}

function isFuller(a: i32, b: i32): bool {
  if (numberAt(OUTPUT, a) !== numberAt(OUTPUT, b)) return numberAt(OUTPUT, a) > numberAt(OUTPUT, b)
  if (total(a) !== total(b)) return total(a) > total(b)
  for (let column = INPUT; column < NUMBERS; column += 1)
    if (numberAt(column, a) !== numberAt(column, b)) return numberAt(column, a) > numberAt(column, b)
  return false
}

function total(row: i32): f64 {
  let sum: f64 = 0
  for (let column = INPUT; column <= CACHE_WRITE_1H; column += 1) sum += numberAt(column, row)
  return sum
}
