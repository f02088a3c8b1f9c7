import { sha256 } from '../../core/ids.ts'
import { countOf, type JsonObject, objectOf, textOf } from '../transcripts/json-cut.ts'
import type { Place, UsageFact } from '../transcripts/source.ts'

export const PROVIDER = 'anthropic'
/** Model of records Claude Code writes itself (errors, interruptions): they cost nothing. */
export const SYNTHETIC = '<synthetic>'

/**
 * Message id; without one the request, then the record. The request id is never part of a message's key: one row of a
 * message may have it and the next not.
 */
const keyOf = (record: JsonObject, message: JsonObject, place: Place, line: Buffer): string => {
  const id = textOf(message.id)
  if (id !== null) return id
  const request = textOf(record.requestId)
  if (request !== null) return `request:${request}`
  return `record:${place.sessionId}:${textOf(record.uuid) ?? sha256(line).slice(0, 32)}`
}

/** `cache_creation_input_tokens` is the sum; older records do not say for how long, which meant five minutes. */
const cacheWrites = (usage: JsonObject): { fiveMinutes: number; oneHour: number } => {
  const split = objectOf(usage.cache_creation)
  const oneHour = countOf(split?.ephemeral_1h_input_tokens)
  const fiveMinutes = countOf(split?.ephemeral_5m_input_tokens)
  const total = countOf(usage.cache_creation_input_tokens)
  return { fiveMinutes: Math.max(fiveMinutes, total - oneHour), oneHour }
}

/** Usage of an assistant record, or null when it has none that counts. */
export const claudeUsage = (record: JsonObject, place: Place, tsMs: number, line: Buffer): UsageFact | null => {
  const message = objectOf(record.message)
  const usage = objectOf(message?.usage)
  if (message === null || usage === null) return null
  const model = textOf(message.model)
  if (model === SYNTHETIC) return null
  const outputTokens = countOf(usage.output_tokens)
  const writes = cacheWrites(usage)
  return {
    provider: PROVIDER,
    key: keyOf(record, message, place, line),
    tsMs,
    requestId: textOf(record.requestId),
    model,
    inputTokens: countOf(usage.input_tokens),
    outputTokens,
    cacheReadTokens: countOf(usage.cache_read_input_tokens),
    cacheWrite5mTokens: writes.fiveMinutes,
    cacheWrite1hTokens: writes.oneHour,
    reasoningTokens: Math.min(outputTokens, countOf(objectOf(usage.output_tokens_details)?.thinking_tokens)),
    place,
    shared: false,
    costMicrousd: null,
    priceSource: null,
  }
}

/** Tokens the model saw with this answer: how full its context is. */
export const contextTokens = (fact: UsageFact): number =>
  fact.inputTokens + fact.cacheReadTokens + fact.cacheWrite5mTokens + fact.cacheWrite1hTokens
