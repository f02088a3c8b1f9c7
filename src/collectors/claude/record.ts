import { between, type JsonObject, parseJson } from '../transcripts/json-cut.ts'

const CONTENT = Buffer.from('"content":[')
const AFTER_CONTENT = Buffer.from('],"stop_reason":')
const TOKENS = Buffer.from('_tokens"')
const PREFIX_BYTES = 400
const FULL_PARSE_BYTES = 32 * 1024 * 1024

/**
 * What a line is, by its first bytes only: Claude writes the scalar keys first, so a `"type"` before the first inner
 * object is the record's own. `maybe`: the prefix does not prove it.
 */
export const lineKind = (block: Buffer, start: number, end: number): string => {
  const prefix = block.toString('latin1', start, Math.min(end, start + PREFIX_BYTES))
  if (prefix.startsWith('{"type":"')) return prefix.slice(9, prefix.indexOf('"', 9))
  const inner = prefix.indexOf('{', 1)
  const type = prefix.indexOf('"type":"')
  if (type > 0 && (inner < 0 || type < inner)) return prefix.slice(type + 8, prefix.indexOf('"', type + 8))
  return 'maybe'
}

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
  return line.length <= FULL_PARSE_BYTES ? parseJson(line.toString('utf8')) : undefined
}

const USAGE = '"usage":{'
const ID = '"message":{"id":"'
// Usage and the envelope follow the content closely; what is farther is parsed in full.
const NEAR_BYTES = 1600

/** The two ends of an answer's line, its content left out. Null when the layout is another. */
export interface AnswerEnds {
  readonly id: string
  readonly head: string
  readonly rest: string
  readonly usageAt: number
}

export const answerEnds = (line: Buffer): AnswerEnds | null => {
  const close = line.lastIndexOf(AFTER_CONTENT)
  if (close < 0 || line.length - close > NEAR_BYTES) return null
  const head = line.toString('latin1', 0, Math.min(PREFIX_BYTES, close))
  const rest = line.toString('latin1', close)
  const usageAt = rest.indexOf(USAGE)
  const id = between(head, ID, '"')
  return id === null || usageAt < 0 ? null : { id, head, rest, usageAt }
}

/**
 * Identity and usage of an answer as text: equal texts are the same message told once more for its next content block.
 * Null when the request id, which a later block may still bring, is missing.
 */
export const answerMark = ({ id, rest, usageAt }: AnswerEnds): string | null => {
  const end = rest.indexOf('"requestId":"', usageAt)
  return end < 0 ? null : id + rest.slice(usageAt, end)
}

/** Index after the object that opens at `at`; text inside strings is assumed to hold no braces, JSON.parse finds out. */
const objectEnd = (text: string, at: number): number => {
  let depth = 0
  for (let i = at; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 123) depth += 1
    else if (code === 125) {
      depth -= 1
      if (depth === 0) return i + 1
    }
  }
  return -1
}

// Keys of the envelope that are kept; all stand after the message, at the top level.
const KEPT = [
  'requestId',
  'timestamp',
  'cwd',
  'sessionId',
  'version',
  'gitBranch',
  'entrypoint',
  'agentId',
  'uuid',
] as const

/**
 * The record by its known layout, without parsing the rest. It proves its own depth: no bracket between content and usage,
 * exactly two closing braces and no other bracket after it, so usage is the message's own and the keys after it the
 * record's. Null whenever that, or plain ASCII, does not hold; then the line is parsed in full.
 */
export const quickAnswer = ({ id, head, rest, usageAt }: AnswerEnds): JsonObject | null => {
  const usageEnd = objectEnd(rest, usageAt + USAGE.length - 1)
  if (usageEnd < 0) return null
  const after = rest.slice(usageEnd)
  const messageEnd = after.indexOf('}')
  if (/[[\]{}]/.test(rest.slice(1, usageAt)) || !/^[^[\]{}\\\x80-\xff]*\}[^[\]{}\\\x80-\xff]*\}\r?$/.test(after))
    return null
  if (after.includes('"isApiErrorMessage"') || head.includes('\\')) return null
  const usage = parseJson(rest.slice(usageAt + USAGE.length - 1, usageEnd))
  const model = between(head, '"model":"', '"', head.indexOf(ID))
  const inHead = head.slice(0, head.indexOf(ID))
  if (usage === undefined || model === null || !after.includes('"type":"assistant"', messageEnd)) return null
  const kept = KEPT.map((key) => [
    key,
    between(after, `"${key}":"`, '"', messageEnd) ?? between(inHead, `"${key}":"`, '"'),
  ])
  const isSidechain = inHead.includes('"isSidechain":true') || after.includes('"isSidechain":true')
  return { type: 'assistant', isSidechain, message: { id, model, usage }, ...Object.fromEntries(kept) }
}
