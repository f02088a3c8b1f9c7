import { FieldReader } from '../transcripts/field-reader.ts'
import { type JsonObject, parseJson, parseLine } from '../transcripts/json-cut.ts'
import { byBeginning, kernel } from '../transcripts/kernel.ts'
import { nameModel } from '../transcripts/usage-rows.ts'
import { type NamedAnswer, SYNTHETIC, tierOf } from './usage.ts'

const CONTENT = Buffer.from('"content":[')
const AFTER_CONTENT = Buffer.from('],"stop_reason":')
const TOKENS = Buffer.from('_tokens"')
const IDENTITY = ['type', 'sessionId', 'agentId', 'cwd', 'version', 'gitBranch', 'entrypoint', 'timestamp']
const FULL_PARSE_BYTES = 32 * 1024 * 1024

const identity = new FieldReader(IDENTITY)

/** Session, folder and version as any record's envelope tells them, nothing else decoded. Null: parse the line. */
export const readIdentity = (line: Buffer): JsonObject | null =>
  identity.read(line, 0, line.length)
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

// In the order in which assembly/claude.ts knows them.
const fields = new FieldReader(
  [
    'type',
    'isApiErrorMessage',
    'requestId',
    'timestamp',
    'uuid',
    'parentUuid',
    'message.id',
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
    'message.model',
    'isSidechain',
    'cwd',
    'sessionId',
    'version',
    'gitBranch',
    'entrypoint',
    'agentId',
  ],
  'message.content',
)
const MESSAGE = fields.inside('message')
const at = {
  requestId: fields.slot('requestId'),
  timestamp: fields.slot('timestamp'),
  id: fields.slot('message.id'),
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
  model: fields.slot('message.model'),
  isSidechain: fields.slot('isSidechain'),
  cwd: fields.slot('cwd'),
  sessionId: fields.slot('sessionId'),
  version: fields.slot('version'),
  gitBranch: fields.slot('gitBranch'),
  entrypoint: fields.slot('entrypoint'),
  agentId: fields.slot('agentId'),
}

/** `answer`: see `answerRead`. `unread`: perhaps one, to be parsed. `other`: none. `end`: there is no further line. */
export type Found = 'answer' | 'unread' | 'other' | 'end'

// By the numbers of assembly/claude.ts.
const FOUND: readonly Found[] = ['other', 'other', 'answer', 'unread']

/** Usual answers with the envelope of the one just read become rows at this place, and are found no more; -1: none do. */
export const settleAnswers = (place: number): void => kernel.settleAnswers(fields.address, place)

/** Makes the answer just read one of those rows. False: it is not usual. */
export const becomesRow = (): boolean => kernel.answerBecomesRow(fields.address) === 1

/** Whose lines come next: nothing is compared with an answer of another block, perhaps of another file. */
export const forgetAnswer = (): void => kernel.forgetAnswer()

/**
 * Goes on to the next line of a block in the kernel's reach that may bring something; with `each` to the next that is long
 * enough to say whose it is. Answers that tell the message of the one before once more, with nothing new, are passed over:
 * one line comes per block of a message.
 */
export const nextLine = (block: Buffer, from: number, each: boolean): Found => {
  const [start, end] = [block.byteOffset + from, block.byteOffset + block.length]
  return FOUND[kernel.nextAnswer(fields.address, MESSAGE, start, end, each ? 1 : 0)] ?? 'end'
}

/** False when a line that is not in reach says by its first bytes that it is no answer. */
export const mayAnswer = (line: Buffer): boolean => FOUND[byBeginning(line, kernel.lineKind)] !== 'other'

// One for all answers: what is kept of it is copied.
const answer: { -readonly [Field in keyof NamedAnswer]: NamedAnswer[Field] } = {
  ...{ sessionId: null, agentId: null, cwd: null, version: null, gitBranch: null, entrypoint: null },
  ...{ atMs: null, isSidechain: false, requestId: null, id: '', uuid: null, model: null, tier: null },
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
  answer.atMs = fields.time(at.timestamp)
  answer.isSidechain = fields.isTrue(at.isSidechain)
  answer.requestId = fields.text(at.requestId) || null
  answer.id = fields.text(at.id) ?? ''
  answer.model = fields.text(at.model) || null
  answer.tier = isUsual() ? null : readTier()
  if (answer.model !== null && answer.model !== SYNTHETIC) nameModel(fields.address, at.model, answer.model)
  answer.input = fields.count(at.input)
  answer.output = fields.count(at.output)
  answer.cacheRead = fields.count(at.cacheRead)
  answer.cacheWrite = fields.count(at.cacheWrite)
  answer.cacheWrite5m = fields.count(at.cacheWrite5m)
  answer.cacheWrite1h = fields.count(at.cacheWrite1h)
  answer.thinking = fields.count(at.thinking)
  return answer
}
