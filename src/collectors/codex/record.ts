import { between, type JsonObject, objectOf, parseJson } from '../transcripts/json-cut.ts'

const PREFIX_BYTES = 200
const EVENTS = new Set(['token_count', 'task_started', 'task_complete'])
const TYPES = new Set(['session_meta', 'turn_context', 'token_usage_record'])

/**
 * What a line is by its first bytes: Codex writes `timestamp`, `ordinal`, `type`, then `payload` with its own `type` first.
 * `skip`: proven to hold nothing the ledger needs; `maybe`: not proven, look inside.
 */
export const lineKind = (block: Buffer, start: number, end: number): string => {
  const prefix = block.toString('latin1', start, Math.min(end, start + PREFIX_BYTES))
  const at = prefix.indexOf('"type":"')
  const inner = prefix.indexOf('{', 1)
  if (at < 0 || (inner >= 0 && inner < at)) return end - start < 20 ? 'skip' : 'maybe'
  const type = prefix.slice(at + 8, prefix.indexOf('"', at + 8))
  if (TYPES.has(type)) return type
  if (type !== 'event_msg') return 'skip'
  const payload = prefix.indexOf('"payload":{"type":"', at)
  if (payload < 0) return 'maybe'
  const event = prefix.slice(payload + 19, prefix.indexOf('"', payload + 19))
  return EVENTS.has(event) ? event : 'skip'
}

/**
 * A `token_usage_record` read by its known keys: it holds ids and numbers only, so no text can imitate a key.
 * Null when one is missing or escaped; then the whole line is parsed.
 */
export const quickRecord = (
  line: Buffer,
): ({ readonly timestamp: string; readonly payload: JsonObject } & JsonObject) | null => {
  const text = line.toString('latin1')
  const timestamp = between(text, '{"timestamp":"', '"')
  const responseId = between(text, '"response_id":"', '"')
  const turnId = between(text, '"turn_id":"', '"')
  const usage = between(text, '"usage":{', '}')
  if (timestamp === null || responseId === null || turnId === null || usage === null || text.includes('\\')) return null
  const counters = objectOf(parseJson(`{${usage}}`))
  if (counters === null || (!text.endsWith('}') && !text.endsWith('}\r'))) return null
  return { timestamp, payload: { response_id: responseId, turn_id: turnId, usage: counters } }
}
