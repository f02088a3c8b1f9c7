// Lines of Claude Code: which of them are answers, and which of those tell something new.
import { byte, CLOSE_LIST, COMMA, equal, isBare, OPEN_LIST, standsAt } from './bytes'
import {
  ABSENT,
  ASCII,
  CODED,
  countOf,
  endOf,
  isKept,
  isText,
  kindOf,
  NESTED,
  read,
  resume,
  startOf,
  stoppedAt,
  use,
} from './fields'
import { beginLines, lineStop, meetLine, typeAt } from './line'
import { modelIn } from './models'
import { addRow, MOST_TOKENS, setNumbers } from './rows'
import { meetRow } from './run'
import { momentAt } from './time'

// Slots, in the order in which claude/record.ts names its fields.
const TYPE = 0
const API_ERROR = 1
const REQUEST_ID = 2
const TIMESTAMP = 3
const UUID = 4
const PARENT_UUID = 5
const ID = 6
const USAGE = 7
const COUNTS = 8
const COUNTS_END = 15
const INPUT = 8
const OUTPUT = 9
const CACHE_READ = 10
const CACHE_WRITE = 11
const CACHE_WRITE_5M = 12
const CACHE_WRITE_1H = 13
const THINKING = 14
const SPEED = 15
const SERVICE_TIER = 16
const GEO = 17
const MODEL = 18
const ENVELOPE = 19
const ENVELOPE_END = 26

// What a line is; claude/record.ts has the same numbers.
const END: i32 = -1
const OTHER: i32 = 0
const SEEN: i32 = 1
const ANSWER: i32 = 2
const UNREAD: i32 = 3

const AFTER_CONTENT = '],"stop_reason":'
// What one block of a message takes at least; shorter lines cannot hold usage.
const MIN_USAGE_LINE_BYTES: i32 = 40
const PREFIX_BYTES: i32 = 400
// Usage and the envelope follow the content closely; what is farther is parsed in full.
const NEAR_BYTES: i32 = 2000
const TWIN_BYTES: i32 = 8192
const ID_BYTES: i32 = 256

// The line of the answer read last without its content, and where its own id, its parent's and its time stand in it.
const twin = memory.data(8256) as i32
let headBytes: i32 = 0
let tailBytes: i32 = 0
let parentStart: i32 = 0
let parentEnd: i32 = 0
let uuidStart: i32 = 0
let uuidEnd: i32 = 0
let timeStart: i32 = 0
let timeEnd: i32 = 0

// The message told last: its id, its counts, whether its request was named.
const lastId = memory.data(320) as i32
const lastCounts = memory.data(64) as i32
let lastIdBytes: i32 = -1
let hadRequest: bool = false

// Where answers with this envelope stand, as JavaScript numbers it, and what was in each of its slots; -1: nowhere known.
let place: i32 = -1
const envelope = memory.data(8)

/** Forgets the answer before: another block, perhaps of another file, begins. */
export function forgetAnswer(): void {
  headBytes = 0
  lastIdBytes = -1
  place = -1
}

/** Answers with the envelope of the one read last, all of whose texts were kept, stand at this place; -1: nothing is known of them. */
export function settleAnswers(reader: i32, at: i32): void {
  use(reader)
  place = at
  for (let slot = ENVELOPE; slot < ENVELOPE_END; slot += 1) store<u8>(envelope + slot - ENVELOPE, kindOf(slot))
}

/**
 * Goes on to the next answer that tells something new, or line that could not be read (with `each`: to any line); `message` is
 * the table of the keys beside the content. `END`: there is none.
 */
export function nextAnswer(reader: i32, message: i32, from: i32, end: i32, each: bool): i32 {
  beginLines()
  let start = from
  while (meetLine(start, end)) {
    const stop = lineStop()
    const what = stop - start < MIN_USAGE_LINE_BYTES ? SEEN : kindOfLine(reader, message, start, stop)
    if (what >= ANSWER || (what === OTHER && each)) return what
    start = stop + 1
  }
  return END
}

/** What a line is, by its first bytes only. `UNREAD`: they do not prove it. */
export function lineKind(start: i32, end: i32): i32 {
  const type = typeAt(start, end, PREFIX_BYTES)
  if (type < 0) return UNREAD
  return standsAt(type, 'assistant"') ? ANSWER : OTHER
}

function kindOfLine(reader: i32, message: i32, start: i32, end: i32): i32 {
  if (lineKind(start, end) === OTHER) return OTHER
  if (isTwin(start, end)) return SEEN
  if (!readAnswer(reader, message, start, end)) return UNREAD
  return isRepeated() || becomesRow(reader) ? SEEN : ANSWER
}

/**
 * Reads an answer by its known layout: what stands before the content, and what stands behind it, which must close the message
 * and the record and nothing else. False when that does not hold, for errors and for answers without an id.
 */
function readAnswer(reader: i32, message: i32, start: i32, end: i32): bool {
  headBytes = 0
  let close = -1
  if (!read(reader, start, end)) {
    if (stoppedAt === 0) return false
    close = contentEnd(stoppedAt, end)
    if (close < 0 || !resume(close + 1, message)) return false
  }
  if (kindOf(TYPE) !== ASCII || !standsAt(startOf(TYPE), 'assistant"')) return false
  if (kindOf(USAGE) !== NESTED || kindOf(API_ERROR) !== ABSENT) return false
  if (kindOf(ID) !== ASCII || startOf(ID) === endOf(ID)) return false
  if (close >= 0) keepTwin(start, stoppedAt, close, end)
  return true
}

/** Where the bracket stands that ends the content: the last `],"stop_reason":` of the line, which no string can hold; or -1. */
function contentEnd(start: i32, end: i32): i32 {
  const floor = max(start, end - NEAR_BYTES)
  for (let i = end - 16; i > floor - 16; i -= 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(i), i8x16.splat(CLOSE_LIST as i8)))
    while (found !== 0) {
      const nth = 31 - clz(found)
      const at = i + nth
      found &= ~(1 << nth)
      if (at <= floor || at + AFTER_CONTENT.length > end) continue
      if (byte(at + 1) === COMMA && standsAt(at, AFTER_CONTENT)) return at
    }
  }
  return -1
}

function keepTwin(start: i32, contentAt: i32, close: i32, end: i32): void {
  headBytes = contentAt - start
  tailBytes = end - close
  const isUsual =
    headBytes + tailBytes <= TWIN_BYTES &&
    kindOf(PARENT_UUID) === ASCII &&
    endOf(PARENT_UUID) < contentAt &&
    kindOf(UUID) === ASCII &&
    startOf(UUID) > close &&
    kindOf(TIMESTAMP) === ASCII &&
    startOf(TIMESTAMP) > endOf(UUID)
  if (!isUsual) {
    headBytes = 0
    return
  }
  const shift = headBytes - close
  parentStart = startOf(PARENT_UUID) - start
  parentEnd = endOf(PARENT_UUID) - start
  uuidStart = startOf(UUID) + shift
  uuidEnd = endOf(UUID) + shift
  timeStart = startOf(TIMESTAMP) + shift
  timeEnd = endOf(TIMESTAMP) + shift
  memory.copy(twin, start, headBytes)
  memory.copy(twin + headBytes, close, tailBytes)
}

/**
 * True when a line is the answer read last once more: one line per block of a message, which differ in content, time and ids of
 * the record only. All other bytes are compared, so that it is as sound as that one was.
 */
function isTwin(start: i32, end: i32): bool {
  if (headBytes === 0 || lastIdBytes < 0 || end - start <= headBytes + tailBytes) return false
  if (byte(start + headBytes) !== OPEN_LIST) return false
  const shift = end - tailBytes - headBytes
  return (
    isSame(parentEnd, headBytes, start) &&
    isSame(headBytes, uuidStart, shift) &&
    isSame(uuidEnd, timeStart, shift) &&
    isSame(timeEnd, headBytes + tailBytes, shift) &&
    isSame(0, parentStart, start) &&
    isBare(start + parentStart, start + parentEnd) &&
    isBare(shift + uuidStart, shift + uuidEnd) &&
    isBare(shift + timeStart, shift + timeEnd)
  )
}

function isSame(from: i32, to: i32, shift: i32): bool {
  return equal(twin + from, shift + from, to - from)
}

/** True when the answer just read tells the message of the one before it once more, with nothing new. */
function isRepeated(): bool {
  const size = endOf(ID) - startOf(ID)
  let same = size === lastIdBytes && equal(lastId, startOf(ID), size) && (hadRequest || kindOf(REQUEST_ID) === ABSENT)
  for (let slot = COUNTS; slot < COUNTS_END; slot += 1) {
    const kept = lastCounts + (slot - COUNTS) * 8
    if (countOf(slot) !== load<f64>(kept)) same = false
    store<f64>(kept, countOf(slot))
  }
  if (same) return true
  lastIdBytes = size <= ID_BYTES ? size : -1
  if (lastIdBytes > 0) memory.copy(lastId, startOf(ID), size)
  hadRequest = kindOf(REQUEST_ID) !== ABSENT
  return false
}

/** Asks the same of the answer read last, once it is settled. */
export function answerBecomesRow(reader: i32): bool {
  use(reader)
  return becomesRow(reader)
}

/** Makes the usual answer a row, where it stands beside the one that was settled. False: JavaScript takes it. */
function becomesRow(reader: i32): bool {
  if (place < 0 || !isSettled(reader) || !isServedAsUsual()) return false
  const model = modelIn(MODEL)
  const at = momentAt(reader, TIMESTAMP)
  if (model < 0 || !(at >= 0) || kindOf(REQUEST_ID) === CODED || endOf(ID) - startOf(ID) > ID_BYTES) return false
  const hour = countOf(CACHE_WRITE_1H)
  const minutes = max(countOf(CACHE_WRITE_5M), countOf(CACHE_WRITE) - hour)
  const context = countOf(INPUT) + countOf(CACHE_READ) + minutes + hour
  const reasoning = min(countOf(OUTPUT), countOf(THINKING))
  // Also where one of them is not written as a whole number.
  if (!(context + countOf(OUTPUT) <= MOST_TOKENS) || !(reasoning >= 0)) return false
  const isNamed = kindOf(REQUEST_ID) === ASCII
  const request = isNamed ? startOf(REQUEST_ID) : 0
  const requestStop = isNamed ? endOf(REQUEST_ID) : 0
  if (requestStop - request > ID_BYTES) return false
  if (!setNumbers(at, countOf(INPUT), countOf(OUTPUT), countOf(CACHE_READ), minutes, hour, reasoning)) return false
  if (!addRow(place, model, startOf(ID), endOf(ID), request, requestStop)) return false
  meetRow(at, context, model)
  return true
}

/** The same session, folder, version and so on as that of the answer settled. */
function isSettled(reader: i32): bool {
  for (let slot = ENVELOPE; slot < ENVELOPE_END; slot += 1) {
    const kind = kindOf(slot)
    if (kind !== load<u8>(envelope + slot - ENVELOPE) || kind === CODED) return false
    if (kind === ASCII && !isKept(reader, slot)) return false
  }
  return true
}

/** At the usual price for all that is said: `tierOf` in claude/usage.ts names none for it. */
function isServedAsUsual(): bool {
  return isStandard(SPEED) && isStandard(SERVICE_TIER) && kindOf(GEO) !== CODED && !isText(GEO, 'us')
}

function isStandard(slot: i32): bool {
  const kind = kindOf(slot)
  return (kind !== ASCII && kind !== CODED) || isText(slot, 'standard')
}
