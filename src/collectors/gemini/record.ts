import { displayText } from '../../core/text.ts'
import { countOf, type JsonObject, objectOf, textOf, timeOf } from '../transcripts/json-cut.ts'
import type { Place, UsageFact } from '../transcripts/source.ts'

export const PROVIDER = 'google'

const TOKENS = Buffer.from('"tokens"')
const OPEN_BRACE = 0x7b

/** Could this line hold token numbers? `"tokens":null`, which rewritten messages carry, says no without parsing. */
export const hasTokens = (line: Buffer): boolean => {
  for (let at = line.indexOf(TOKENS); at >= 0; at = line.indexOf(TOKENS, at + TOKENS.length)) {
    let next = at + TOKENS.length
    while (next < line.length && (line[next] === 0x3a || line[next] === 0x20)) next += 1
    if (line[next] === OPEN_BRACE) return true
  }
  return false
}

/** Messages a record carries: itself, or the whole history a `$set` wrote anew. A rewind carries none and takes none back. */
export const messagesOf = (record: JsonObject): readonly JsonObject[] => {
  const listed = objectOf(record.$set)?.messages ?? record.messages
  if (Array.isArray(listed)) return listed.map(objectOf).filter((message) => message !== null)
  return textOf(record.id) === null ? [] : [record]
}

interface Counts {
  readonly input: number
  readonly output: number
  readonly cached: number
  readonly thoughts: number
  readonly tool: number
}

// `input` includes `cached`. Where the stated total says otherwise, the statement is believed.
const uncachedInput = (counts: Counts, total: number): number => {
  const inclusive = counts.input + counts.output + counts.thoughts + counts.tool
  const isExclusive = counts.cached > 0 && total === inclusive + counts.cached
  return isExclusive ? counts.input : Math.max(0, counts.input - counts.cached)
}

/** Tokens of one model message, or null when it has none (yet, or any more: a rewritten one has `tokens: null`). */
export const geminiUsage = (message: JsonObject, place: Place, tsMs: number): UsageFact | null => {
  const tokens = objectOf(message.tokens)
  const id = textOf(message.id)
  if (tokens === null || id === null) return null
  const counts: Counts = {
    input: countOf(tokens.input),
    output: countOf(tokens.output),
    cached: countOf(tokens.cached),
    thoughts: countOf(tokens.thoughts),
    tool: countOf(tokens.tool),
  }
  if (counts.input + counts.output + counts.cached + counts.thoughts + counts.tool === 0) return null
  const model = textOf(message.model)
  return {
    provider: PROVIDER,
    key: id,
    tsMs,
    requestId: null,
    model: model === null ? null : displayText(model, 128),
    // What tools put into the prompt is input that no cache held.
    inputTokens: uncachedInput(counts, countOf(tokens.total)) + counts.tool,
    outputTokens: counts.output + counts.thoughts,
    cacheReadTokens: counts.cached,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    reasoningTokens: counts.thoughts,
    place,
  }
}

const QUOTA = /exhausted your|quota exceeded|RESOURCE_EXHAUSTED|usage limit/i

/** The class of an error notice; its words stay where they are. */
export const errorClass = (message: JsonObject): string => {
  const text = textOf(message.content) ?? ''
  const code = /"code":\s*(\d{3})/.exec(text)?.[1]
  if (QUOTA.test(text) || code === '429') return 'quota'
  return code === undefined ? 'api_error' : `api_error ${code}`
}

export interface Header {
  readonly sessionId: string
  readonly isSubagent: boolean
  readonly startedMs: number | null
}

/** The first line of a chat, or the root of an old one; null for JSON of anybody else. */
export const headerOf = (record: JsonObject): Header | null => {
  const sessionId = textOf(record.sessionId)
  const startedMs = timeOf(record.startTime)
  if (sessionId === null || (startedMs === null && textOf(record.projectHash) === null)) return null
  return { sessionId: displayText(sessionId, 128), isSubagent: record.kind === 'subagent', startedMs }
}
