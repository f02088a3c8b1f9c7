// Lines of a Codex thread that only count on: what they say is added up here, and becomes rows, as long as the thread stays in the
// turn, the folder and the model that JavaScript settled.
import { equal } from './bytes'
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
  NUMBER,
  read,
  startOf,
  WHOLE,
} from './fields'
import { modelIn } from './models'
import { addRow, MOST_TOKENS, setNumbers } from './rows'
import { momentAt } from './time'

// Slots, in the order in which codex/record.ts names its fields.
const TIMESTAMP = 0
const TYPE = 1
const EVENT = 2
const RESPONSE = 3
const TURN = 4
const MODEL = 5
const CWD = 6
const STARTED = 7
const ERROR = 8
const LIMITS = 9
const WINDOW = 10
const USAGE = 12
const TOTAL = 19
const LAST = 26
// Counters in their order behind these.
const CACHED = 1
const WRITTEN = 2
const OUTPUT = 3
const REASONING = 4
const SUM = 5
const COUNTERS = 6

// What codex/thread-rows.ts writes and reads, as numbers of eight bytes: whether anything is settled, and what.
const thread = memory.data(200)
const IS_SETTLED = 0
const PLACE = 1
const MODEL_NUMBER = 2
const HAS_RECORDS = 3
const HAS_COUNTERS = 4
const HAS_START = 5
const LIMITS_MS = 6
const TURN_BYTES = 7
const CWD_BYTES = 8
const SCOPE_BYTES = 9
const COUNTERS_AT = 10
// And what was met since JavaScript looked last.
const LINES = 16
const FIRST_MS = 17
const LAST_MS = 18
const ROWS = 19
const ROW_MS = 20
const KEY_BYTES = 21
const COUNTS = 22
const CONTEXT = 23
const WINDOW_TOKENS = 24

// Texts: the turn's id, the folder, how keys of counters begin, and the key being made.
const TEXT_BYTES: i32 = 1024
const texts = memory.data(4096)
const SAME_LIMITS_MS: f64 = 600_000
const MOST_ID_BYTES: i32 = 256
const COLON: u32 = 58
const DOT: u32 = 46
const DIGIT: i32 = 48

/** Where the numbers are. */
export function threadAt(): i32 {
  return thread as i32
}

/** Where the texts are: 1,024 bytes for the turn, the folder, the scope of counters, and the key of the row made last. */
export function threadTexts(): i32 {
  return texts as i32
}

function get(field: i32): f64 {
  return load<f64>((thread as i32) + field * 8)
}

function set(field: i32, value: f64): void {
  store<f64>((thread as i32) + field * 8, value)
}

function textAt(which: i32): i32 {
  return (texts as i32) + which * TEXT_BYTES
}

export function isThreadSettled(): bool {
  return get(IS_SETTLED) !== 0
}

/** When a turn ended well nothing but the moment counts. False here and below: JavaScript takes the line. */
export function takeEnd(reader: i32, start: i32, end: i32): bool {
  return read(reader, start, end) && kindOf(ERROR) === ABSENT && meet(momentAt(reader, TIMESTAMP))
}

/** What a turn says of itself, where that is known. */
export function takeTurn(reader: i32, start: i32, end: i32): bool {
  if (!read(reader, start, end) || !isSame(TURN, 0, TURN_BYTES)) return false
  if (isWord(MODEL) && !isModelSettled()) return false
  if (isWord(CWD) && !isSame(CWD, 1, CWD_BYTES)) return false
  if (kindOf(STARTED) === NUMBER || (kindOf(STARTED) === WHOLE && get(HAS_START) === 0)) return false
  return meet(momentAt(reader, TIMESTAMP))
}

/** A response with its own usage. */
export function takeUsage(reader: i32, start: i32, end: i32): bool {
  if (get(HAS_RECORDS) === 0 || !read(reader, start, end) || !isText(TYPE, 'token_usage_record')) return false
  const at = momentAt(reader, TIMESTAMP)
  const size = endOf(RESPONSE) - startOf(RESPONSE)
  if (!(at >= 0) || !areCounters(USAGE) || !isSame(TURN, 0, TURN_BYTES)) return false
  if (kindOf(RESPONSE) !== ASCII || size === 0 || size > MOST_ID_BYTES) return false
  for (let counter = 0; counter < COUNTERS; counter += 1) store<f64>(now + counter * 8, countOf(USAGE + counter))
  memory.copy(textAt(3), startOf(RESPONSE), size)
  return emit(size, at) && meet(at)
}

/** Counters that grew, or stayed, with limits that are there again. */
export function takeCount(reader: i32, start: i32, end: i32): bool {
  if (get(HAS_COUNTERS) === 0 || !read(reader, start, end)) return false
  if (!isText(EVENT, 'token_count') || !isText(TYPE, 'event_msg') || kindOf(WINDOW) === NUMBER) return false
  const at = momentAt(reader, TIMESTAMP)
  if (!(at >= 0) || !areCounters(TOTAL) || !areCounters(LAST)) return false
  if (kindOf(LIMITS) === NESTED && !areLimitsKnown(reader, at)) return false
  if (!grow(at)) return false
  set(COUNTS, get(COUNTS) + 1)
  set(CONTEXT, countOf(LAST + SUM))
  if (kindOf(WINDOW) === WHOLE) set(WINDOW_TOKENS, countOf(WINDOW))
  return meet(at)
}

// The counters at hand: those of a response, or what the thread's grew by.
const now = memory.data(48) as i32

/** What the thread's counters grew by becomes a row, unless its responses say themselves what they used. */
function grow(at: f64): bool {
  let grew = false
  for (let counter = 0; counter < COUNTERS; counter += 1) {
    const by = countOf(TOTAL + counter) - get(COUNTERS_AT + counter)
    if (counter !== SUM && by < 0) return false
    if (counter !== SUM && by > 0) grew = true
    store<f64>(now + counter * 8, by)
  }
  if (grew && get(HAS_RECORDS) === 0 && !emit(counterKey(), at)) return false
  for (let counter = 0; counter < COUNTERS; counter += 1) set(COUNTERS_AT + counter, countOf(TOTAL + counter))
  return true
}

/** Writes how counters are known by: their scope and all six. Bytes of it. */
function counterKey(): i32 {
  const scope = get(SCOPE_BYTES) as i32
  memory.copy(textAt(3), textAt(2), scope)
  let end = textAt(3) + scope
  for (let counter = 0; counter < COUNTERS; counter += 1) {
    store<u8>(end, (counter === 0 ? COLON : DOT) as u8)
    end = writeNumber(end + 1, countOf(TOTAL + counter) as u64)
  }
  return end - textAt(3)
}

function writeNumber(at: i32, value: u64): i32 {
  let digits = 1
  for (let rest = value / 10; rest > 0; rest /= 10) digits += 1
  let rest = value
  for (let i = at + digits - 1; i >= at; i -= 1) {
    store<u8>(i, (DIGIT + ((rest % 10) as i32)) as u8)
    rest /= 10
  }
  return at + digits
}

/** Makes a row of the counters at hand; its key was written. As `normalized` in codex/tokens.ts says it. */
function emit(keyBytes: i32, at: f64): bool {
  const input = load<f64>(now)
  const cached = min(load<f64>(now, CACHED * 8), input)
  const written = min(load<f64>(now, WRITTEN * 8), input - cached)
  const output = load<f64>(now, OUTPUT * 8)
  if (input + output > MOST_TOKENS || keyBytes > MOST_ID_BYTES || get(MODEL_NUMBER) < 0) return false
  const reasoning = min(load<f64>(now, REASONING * 8), output)
  if (!setNumbers(at, input - cached - written, output, cached, written, 0, reasoning)) return false
  const key = textAt(3)
  if (!addRow(get(PLACE) as i32, get(MODEL_NUMBER) as i32, key, key + keyBytes, 0, 0)) return false
  set(ROWS, get(ROWS) + 1)
  set(ROW_MS, at)
  set(KEY_BYTES, keyBytes as f64)
  return true
}

/** The moment of a line; false where JavaScript has to say what it means. */
function meet(at: f64): bool {
  if (!(at >= 0)) return false
  const lines = get(LINES)
  set(LINES, lines + 1)
  set(FIRST_MS, lines === 0 ? at : min(get(FIRST_MS), at))
  set(LAST_MS, lines === 0 ? at : max(get(LAST_MS), at))
  return true
}

/** Both that must be there are, and all are whole numbers. */
function areCounters(first: i32): bool {
  if (kindOf(first) !== WHOLE || kindOf(first + OUTPUT) !== WHOLE) return false
  for (let counter = 0; counter < COUNTERS; counter += 1) if (kindOf(first + counter) === NUMBER) return false
  return true
}

/** Byte for byte those that were looked at last, not long before: they would tell nothing new. */
function areLimitsKnown(reader: i32, at: f64): bool {
  const seen = get(LIMITS_MS)
  return seen >= 0 && at >= seen && at - seen < SAME_LIMITS_MS && isKept(reader, LIMITS)
}

function isModelSettled(): bool {
  const model = modelIn(MODEL)
  return model >= 0 && (model as f64) === get(MODEL_NUMBER)
}

/** Text that may be another than the one known. */
function isWord(slot: i32): bool {
  return kindOf(slot) === CODED || (kindOf(slot) === ASCII && startOf(slot) !== endOf(slot))
}

function isSame(slot: i32, which: i32, bytes: i32): bool {
  const size = endOf(slot) - startOf(slot)
  return kindOf(slot) === ASCII && size > 0 && (size as f64) === get(bytes) && equal(startOf(slot), textAt(which), size)
}
