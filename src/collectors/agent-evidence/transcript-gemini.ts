import type { Sighting } from '../../core/agent.ts'
import { asArray, asObject, asText, dateOfIso, isObject, type Json } from './json.ts'
import { sighting } from './sighting.ts'

/** Bytes of which at least one stands in every line that says something about the state. */
export const GEMINI_STATE_NEEDLES: readonly string[] = [
  '"type":"user"',
  '"type":"gemini"',
  '"type":"info"',
  '"type":"error"',
]

const VERSION = '0.61'
const SOURCE = 'gemini.transcript'
// After Esc and /compress old messages are written again under new ids, stamped with the notice's time (agents-gemini.md 1).
const REPLAY_MS = 50

type Reading = Pick<Sighting, 'says' | 'reason'> & { readonly rule: string }

const QUOTA =
  /exhausted your .{0,30}(quota|capacity)|quota (exceeded|will reset)|RESOURCE_EXHAUSTED|"code":\s*429|usage limit/i

const readError = (text: string): Reading => {
  if (QUOTA.test(text)) return { says: 'rate_limited', rule: 'limit', reason: 'quota' }
  const code = /"code":\s*(\d{3})/.exec(text)?.[1]
  return { says: 'failed', rule: 'error', reason: code === undefined ? 'api error' : `api error ${code}` }
}

/** What a slash command was refused for; it is written as an error, too. */
const isNotice = (record: Json): boolean =>
  record.type === 'error' && !/\bAPI Error\b/.test(asText(record.content) ?? '')

const readAnswer = (record: Json): Reading | null => {
  if (!isObject(record.tokens) && !Array.isArray(record.toolCalls)) return null
  const calls = asArray(record.toolCalls).map(asObject)
  if (calls.length === 0) return { says: 'turn_finished', rule: 'answered', reason: null }
  const cancelled = calls.some((call) => call.status === 'cancelled')
  return cancelled
    ? { says: 'idle', rule: 'aborted', reason: 'rejected' }
    : { says: 'working', rule: 'tools', reason: null }
}

const readUser = (record: Json): Reading | null => {
  const parts = typeof record.content === 'string' ? [{ text: record.content }] : asArray(record.content).map(asObject)
  if (parts.some((part) => isObject(part.functionResponse))) return { says: 'working', rule: 'result', reason: null }
  const text = asText(parts[0]?.text) ?? ''
  return text.startsWith('<session_context>') ? null : { says: 'working', rule: 'prompt', reason: null }
}

const readRecord = (record: Json): Reading | null => {
  const text = asText(record.content) ?? ''
  if (record.type === 'user') return readUser(record)
  if (record.type === 'gemini') return readAnswer(record)
  if (record.type === 'error') return readError(text)
  // Also the other languages' builds write this notice in English (it is a constant of the CLI).
  return record.type === 'info' && /request cancelled/i.test(text)
    ? { says: 'idle', rule: 'aborted', reason: 'cancelled' }
    : null
}

/** True for chat records that tell where the turn stands; header and `$set` patches do not. */
export const geminiStateMatters = (record: unknown): boolean => readRecord(asObject(record)) !== null

/** Newest opinion of a chat file, oldest record first. `answered` may also be an answer whose tool still waits. */
export function readGeminiTail(records: readonly unknown[]): Sighting | null {
  let newest: { at: Date; reading: Reading } | null = null
  let since: Date | null = null
  for (const record of records.filter(isObject)) {
    const at = dateOfIso(record.timestamp)
    const reading = at === null ? null : readRecord(record)
    if (at === null || reading === null) continue
    const closed = newest !== null && (newest.reading.rule === 'aborted' || newest.reading.says === 'failed')
    if (closed && newest !== null && reading.says === 'working' && at.getTime() - newest.at.getTime() <= REPLAY_MS)
      continue
    if (newest !== null && newest.reading.says !== 'working' && isNotice(record)) continue
    if (reading.rule === 'prompt') since = at
    newest = { at, reading }
  }
  if (newest === null) return null
  const open = newest.reading.says === 'working'
  const { at, reading } = newest
  return sighting({
    tier: 'transcript',
    source: SOURCE,
    version: VERSION,
    ...reading,
    asOf: at,
    since: open ? since : at,
  })
}
