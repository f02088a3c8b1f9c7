import { parseJson } from '../transcripts/json-cut.ts'

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
const ID_AT = '"message":{"id":"'.length
// Usage follows the content closely; what is farther is parsed in full.
const NEAR_BYTES = 1200

/**
 * Identity and usage of an answer as text: equal texts are the same message told once more for its next content block.
 * Null when the layout is another or the request id, which a later block may still bring, is missing.
 */
export const answerMark = (line: Buffer): string | null => {
  const close = line.lastIndexOf(AFTER_CONTENT)
  if (close < 0) return null
  const head = line.toString('latin1', 0, PREFIX_BYTES)
  const id = head.indexOf('"message":{"id":"')
  const rest = line.toString('latin1', close, Math.min(line.length, close + NEAR_BYTES))
  const usage = rest.indexOf(USAGE)
  const end = usage < 0 ? -1 : rest.indexOf('"requestId":"', usage)
  if (id < 0 || end < 0) return null
  return head.slice(id, head.indexOf('"', id + ID_AT)) + rest.slice(usage, end)
}
