import { FieldReader } from '../transcripts/field-reader.ts'
import { type JsonObject, parseJson, parseLine } from '../transcripts/json-cut.ts'
import { type NamedAnswer, tierOf } from './usage.ts'

const CONTENT = Buffer.from('"content":[')
const AFTER_CONTENT = Buffer.from('],"stop_reason":')
const TOKENS = Buffer.from('_tokens"')
const PREFIX_BYTES = 400
const IDENTITY = ['type', 'sessionId', 'agentId', 'cwd', 'version', 'gitBranch', 'entrypoint', 'timestamp']
const FULL_PARSE_BYTES = 32 * 1024 * 1024

const OPEN = 123
const OPEN_LIST = 91
const TYPE_KEY = Buffer.from('"type":"')
const ANSWER = Buffer.from('assistant"')

const standsAt = (block: Buffer, at: number, text: Buffer): boolean => {
  for (let i = 0; i < text.length; i += 1) if (block[at + i] !== text[i]) return false
  return true
}

/**
 * What a line is, by its first bytes only: Claude writes the scalar keys first, so a `"type"` before the first inner
 * object is the record's own. `maybe`: the prefix does not prove it.
 */
export const lineKind = (block: Buffer, start: number, end: number): 'answer' | 'other' | 'maybe' => {
  const limit = Math.min(end, start + PREFIX_BYTES)
  for (let i = start + 1; i < limit; i += 1) {
    const byte = block[i]
    if (byte === OPEN) return 'maybe'
    if (byte !== 34 || block[i + 1] !== 116 || !standsAt(block, i, TYPE_KEY)) continue
    return standsAt(block, i + TYPE_KEY.length, ANSWER) ? 'answer' : 'other'
  }
  return 'maybe'
}

const identity = new FieldReader(IDENTITY)

/** Session, folder and version as any record's envelope tells them, nothing else decoded. Null: parse the line. */
export const readIdentity = (block: Buffer, start: number, end: number): JsonObject | null =>
  identity.read(block, start, end)
    ? Object.fromEntries(IDENTITY.map((name, slot) => [name, identity.text(slot)]))
    : null

/** True when a line can hold usage at all. */
export const hasTokens = (line: Buffer): boolean => line.indexOf(TOKENS) >= 0

/**
 * The record without its message content: the text between is cut out before parsing, so it is neither decoded nor kept.
 * Brackets left over or missing make the short form invalid JSON; then, and for other layouts, the whole line is parsed.
 */
export const parseRecord = (line: Buffer): unknown => {
  const open = line.indexOf(CONTENT)
  const close = open < 0 ? -1 : line.lastIndexOf(AFTER_CONTENT)
  if (close > open) {
    const short = line.toString('utf8', 0, open + CONTENT.length) + line.toString('utf8', close)
    const record = parseJson(short)
    if (record !== undefined) return record
  }
  return line.length <= FULL_PARSE_BYTES ? parseLine(line.toString('utf8')) : undefined
}

// Usage and the envelope follow the content closely; what is farther is parsed in full.
const NEAR_BYTES = 2000

const fields = new FieldReader(
  [
    'type',
    'isSidechain',
    'isApiErrorMessage',
    'requestId',
    'timestamp',
    'cwd',
    'sessionId',
    'version',
    'gitBranch',
    'entrypoint',
    'agentId',
    'uuid',
    'parentUuid',
    'message.id',
    'message.model',
    'message.usage',
    'message.usage.input_tokens',
    'message.usage.output_tokens',
    'message.usage.cache_read_input_tokens',
    'message.usage.cache_creation_input_tokens',
    'message.usage.cache_creation.ephemeral_5m_input_tokens',
    'message.usage.cache_creation.ephemeral_1h_input_tokens',
    'message.usage.output_tokens_details.thinking_tokens',
    'message.usage.speed',
    'message.usage.service_tier',
    'message.usage.inference_geo',
  ],
  'message.content',
)
const at = {
  type: fields.slot('type'),
  isSidechain: fields.slot('isSidechain'),
  isApiErrorMessage: fields.slot('isApiErrorMessage'),
  requestId: fields.slot('requestId'),
  timestamp: fields.slot('timestamp'),
  cwd: fields.slot('cwd'),
  sessionId: fields.slot('sessionId'),
  version: fields.slot('version'),
  gitBranch: fields.slot('gitBranch'),
  entrypoint: fields.slot('entrypoint'),
  agentId: fields.slot('agentId'),
  uuid: fields.slot('uuid'),
  parent: fields.slot('parentUuid'),
  id: fields.slot('message.id'),
  model: fields.slot('message.model'),
  usage: fields.slot('message.usage'),
  input: fields.slot('message.usage.input_tokens'),
  output: fields.slot('message.usage.output_tokens'),
  cacheRead: fields.slot('message.usage.cache_read_input_tokens'),
  cacheWrite: fields.slot('message.usage.cache_creation_input_tokens'),
  cacheWrite5m: fields.slot('message.usage.cache_creation.ephemeral_5m_input_tokens'),
  cacheWrite1h: fields.slot('message.usage.cache_creation.ephemeral_1h_input_tokens'),
  thinking: fields.slot('message.usage.output_tokens_details.thinking_tokens'),
  speed: fields.slot('message.usage.speed'),
  serviceTier: fields.slot('message.usage.service_tier'),
  geo: fields.slot('message.usage.inference_geo'),
}

// How far a search to the left may step when this byte stands where the pattern would begin.
const STEPS = new Uint8Array(256).fill(AFTER_CONTENT.length)
for (let i = AFTER_CONTENT.length - 1; i > 0; i -= 1) STEPS[AFTER_CONTENT[i] as number] = i

/** Index of the bracket that ends the content: the last `],"stop_reason":` of the line, which no string can hold. */
const contentEnd = (block: Buffer, start: number, end: number): number => {
  const floor = Math.max(start, end - NEAR_BYTES)
  for (let i = end - AFTER_CONTENT.length; i > floor; i -= STEPS[block[i] as number] as number)
    if (block[i] === 93 && standsAt(block, i, AFTER_CONTENT)) return i
  return -1
}

/**
 * Reads an answer by its known layout: what stands before the content, and what stands behind it, which must close the
 * message and the record and nothing else. False when that does not hold, for errors and for answers without an id; then
 * the line is parsed.
 */
export const readAnswer = (block: Buffer, start: number, end: number): boolean => {
  twin.headBytes = 0
  let close = -1
  if (!fields.read(block, start, end)) {
    if (fields.stoppedAt < 0) return false
    close = contentEnd(block, fields.stoppedAt, end)
    if (close < 0 || !fields.resume(close + 1)) return false
  }
  if (!fields.is(at.type, 'assistant') || !fields.isNested(at.usage) || fields.has(at.isApiErrorMessage)) return false
  if (!fields.isPlain(at.id) || fields.start(at.id) === fields.end(at.id)) return false
  if (close >= 0) keepTwin(block, start, fields.stoppedAt, close, end)
  return true
}

// The line of the answer read last without its content, and where its own id, its parent's and its time stand in it.
const twin = {
  bytes: Buffer.alloc(8192),
  headBytes: 0,
  tailBytes: 0,
  parent: [0, 0] as [number, number],
  uuid: [0, 0] as [number, number],
  time: [0, 0] as [number, number],
}

const keepTwin = (block: Buffer, start: number, contentAt: number, close: number, end: number): void => {
  twin.headBytes = contentAt - start
  twin.tailBytes = end - close
  const inTail = (slot: number): [number, number] => {
    const shift = twin.headBytes - close
    return [fields.start(slot) + shift, fields.end(slot) + shift]
  }
  const isUsual =
    twin.headBytes + twin.tailBytes <= twin.bytes.length &&
    fields.isPlain(at.parent) &&
    fields.end(at.parent) < contentAt &&
    fields.isPlain(at.uuid) &&
    fields.start(at.uuid) > close &&
    fields.isPlain(at.timestamp) &&
    fields.start(at.timestamp) > fields.end(at.uuid)
  if (!isUsual) {
    twin.headBytes = 0
    return
  }
  twin.parent = [fields.start(at.parent) - start, fields.end(at.parent) - start]
  twin.uuid = inTail(at.uuid)
  twin.time = inTail(at.timestamp)
  block.copy(twin.bytes, 0, start, contentAt)
  block.copy(twin.bytes, twin.headBytes, close, end)
}

// Text that can stand between two quotes as it is.
const isBare = (block: Buffer, from: number, to: number): boolean => {
  for (let i = from; i < to; i += 1) {
    const byte = block[i] as number
    if (byte < 32 || byte === 34 || byte === 92) return false
  }
  return true
}

/**
 * True when a line is the answer read last once more: one line per block of a message, which differ in content, time
 * and ids of the record only. All other bytes are compared, so that it is as sound as that one was.
 */
export const isTwin = (block: Buffer, start: number, end: number): boolean => {
  const { bytes, headBytes, tailBytes, parent, uuid, time } = twin
  if (headBytes === 0 || last.id === NONE || end - start <= headBytes + tailBytes) return false
  if (block[start + headBytes] !== OPEN_LIST) return false
  const close = end - tailBytes
  const shift = close - headBytes
  const same = (from: number, to: number, by: number): boolean =>
    bytes.compare(block, from + by, to + by, from, to) === 0
  return (
    same(parent[1], headBytes, start) &&
    same(headBytes, uuid[0], shift) &&
    same(uuid[1], time[0], shift) &&
    same(time[1], headBytes + tailBytes, shift) &&
    same(0, parent[0], start) &&
    isBare(block, start + parent[0], start + parent[1]) &&
    isBare(block, uuid[0] + shift, uuid[1] + shift) &&
    isBare(block, time[0] + shift, time[1] + shift)
  )
}

const COUNTS = [at.input, at.output, at.cacheRead, at.cacheWrite, at.cacheWrite5m, at.cacheWrite1h, at.thinking]
/** No id is a line break. */
const NONE = '\n'
const last = { id: NONE, counts: new Float64Array(COUNTS.length), hadRequest: false }

/** True when the answer just read tells the message of the one before it once more, with nothing new. */
export const isRepeated = (): boolean => {
  let same = fields.is(at.id, last.id) && (last.hadRequest || !fields.has(at.requestId))
  for (const [i, slot] of COUNTS.entries()) {
    const count = fields.count(slot)
    if (count !== last.counts[i]) same = false
    last.counts[i] = count
  }
  if (same) return true
  last.id = fields.text(at.id) || NONE
  last.hadRequest = fields.has(at.requestId)
  return false
}

/** Forgets the answer before: another block, perhaps of another file, begins. */
export const forgetAnswer = (): void => {
  twin.headBytes = 0
  last.id = NONE
}

// One for all answers: what is kept of it is copied.
const answer: { -readonly [Field in keyof NamedAnswer]: NamedAnswer[Field] } = {
  ...{ sessionId: null, agentId: null, cwd: null, version: null, gitBranch: null, entrypoint: null },
  ...{ timestamp: null, isSidechain: false, requestId: null, id: '', uuid: null, model: null, tier: null },
  ...{ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite5m: 0, cacheWrite1h: 0, thinking: 0 },
}

// Nearly all are: nothing is decoded then.
const isUsual = (): boolean =>
  fields.is(at.speed, 'standard') && fields.is(at.serviceTier, 'standard') && !fields.is(at.geo, 'us')

const readTier = (): string | null =>
  tierOf(fields.text(at.speed) || null, fields.text(at.serviceTier) || null, fields.text(at.geo) || null)

/** The answer just read, without its content; valid until the next one is read. */
export const answerRead = (): NamedAnswer => {
  answer.sessionId = fields.text(at.sessionId) || null
  answer.agentId = fields.text(at.agentId) || null
  answer.cwd = fields.text(at.cwd) || null
  answer.version = fields.text(at.version) || null
  answer.gitBranch = fields.text(at.gitBranch) || null
  answer.entrypoint = fields.text(at.entrypoint) || null
  answer.timestamp = fields.text(at.timestamp) || null
  answer.isSidechain = fields.isTrue(at.isSidechain)
  answer.requestId = fields.text(at.requestId) || null
  answer.id = fields.text(at.id) ?? ''
  answer.model = fields.text(at.model) || null
  answer.tier = isUsual() ? null : readTier()
  answer.input = fields.count(at.input)
  answer.output = fields.count(at.output)
  answer.cacheRead = fields.count(at.cacheRead)
  answer.cacheWrite = fields.count(at.cacheWrite)
  answer.cacheWrite5m = fields.count(at.cacheWrite5m)
  answer.cacheWrite1h = fields.count(at.cacheWrite1h)
  answer.thinking = fields.count(at.thinking)
  return answer
}
