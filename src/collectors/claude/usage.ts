import { sha256 } from '../../core/ids.ts'
import { countOf, type JsonObject, objectOf, textOf, timeOf } from '../transcripts/json-cut.ts'
import type { Place, UsageFact } from '../transcripts/source.ts'

export const PROVIDER = 'anthropic'
/** Model of records Claude Code writes itself (errors, interruptions): they cost nothing. */
export const SYNTHETIC = '<synthetic>'

/** Who wrote a record, and where: what every record of a session says of itself. */
export interface Envelope {
  readonly sessionId: string | null
  readonly agentId: string | null
  readonly cwd: string | null
  readonly version: string | null
  readonly gitBranch: string | null
  readonly entrypoint: string | null
}

/** What the ledger asks of an answer of the assistant, however it was read. */
export interface Answer extends Envelope {
  readonly atMs: number | null
  readonly isSidechain: boolean
  readonly requestId: string | null
  readonly id: string | null
  readonly uuid: string | null
  readonly model: string | null
  /** `fast`, `priority`, `us`, … where the message was not served as usual: it costs something else then. */
  readonly tier: string | null
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  /** `cache_creation_input_tokens`: the sum; older records do not say for how long, which meant five minutes. */
  readonly cacheWrite: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
  readonly thinking: number
}

/** An answer that says its id: what is read without parsing always does. */
export interface NamedAnswer extends Answer {
  readonly id: string
}

export const envelopeOf = (record: JsonObject): Envelope => ({
  sessionId: textOf(record.sessionId),
  agentId: textOf(record.agentId),
  cwd: textOf(record.cwd),
  version: textOf(record.version),
  gitBranch: textOf(record.gitBranch),
  entrypoint: textOf(record.entrypoint),
})

const TIERS = new Set(['fast', 'priority', 'batch', 'flex'])

/** The first of these words that names a way of serving with a price of its own; `us`: within the United States only. */
export const tierOf = (speed: string | null, serviceTier: string | null, geo: string | null): string | null =>
  [speed, serviceTier].find((word): word is string => word !== null && TIERS.has(word)) ?? (geo === 'us' ? geo : null)

/** A parsed record as an answer; null when it has no usage. */
export const answerOf = (record: JsonObject): Answer | null => {
  const message = objectOf(record.message)
  const usage = objectOf(message?.usage)
  if (message === null || usage === null) return null
  const split = objectOf(usage.cache_creation)
  return {
    ...envelopeOf(record),
    atMs: timeOf(record.timestamp),
    isSidechain: record.isSidechain === true,
    requestId: textOf(record.requestId),
    id: textOf(message.id),
    uuid: textOf(record.uuid),
    model: textOf(message.model),
    tier: tierOf(textOf(usage.speed), textOf(usage.service_tier), textOf(usage.inference_geo)),
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    cacheWrite: countOf(usage.cache_creation_input_tokens),
    cacheWrite5m: countOf(split?.ephemeral_5m_input_tokens),
    cacheWrite1h: countOf(split?.ephemeral_1h_input_tokens),
    thinking: countOf(objectOf(usage.output_tokens_details)?.thinking_tokens),
  }
}

/**
 * What a message is known by: its id; without one the request, then the record, then its line. The request id is never part
 * of a message's key: one row of a message may have it and the next not.
 */
export const answerKey = ({ id, requestId, uuid }: Answer, sessionId: string, line: Buffer): string => {
  if (id !== null) return id
  if (requestId !== null) return `request:${requestId}`
  return `record:${sessionId}:${uuid ?? sha256(line).slice(0, 32)}`
}

/** Usage of an answer, or null when it costs nothing. */
export const claudeUsage = (answer: Answer, key: string, place: Place, tsMs: number): UsageFact | null => {
  if (answer.model === SYNTHETIC) return null
  return {
    provider: PROVIDER,
    key,
    tsMs,
    requestId: answer.requestId,
    model: answer.model !== null && answer.tier !== null ? `${answer.model}[${answer.tier}]` : answer.model,
    inputTokens: answer.input,
    outputTokens: answer.output,
    cacheReadTokens: answer.cacheRead,
    cacheWrite5mTokens: Math.max(answer.cacheWrite5m, answer.cacheWrite - answer.cacheWrite1h),
    cacheWrite1hTokens: answer.cacheWrite1h,
    reasoningTokens: Math.min(answer.output, answer.thinking),
    place,
    shared: false,
    costMicrousd: null,
    priceSource: null,
  }
}

/** Tokens the model saw with this answer: how full its context is. */
export const contextTokens = (fact: UsageFact): number =>
  fact.inputTokens + fact.cacheReadTokens + fact.cacheWrite5mTokens + fact.cacheWrite1hTokens
