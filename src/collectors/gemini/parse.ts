import { type JsonObject, objectOf, parseLine, textOf, timeOf } from '../transcripts/json-cut.ts'
import { type KnownSession, newSession, stemOf } from '../transcripts/known-session.ts'
import type { ParserFile, Place, Sink, TranscriptParser } from '../transcripts/source.ts'
import { errorClass, geminiUsage, hasTokens, headerOf, messagesOf, PROVIDER } from './record.ts'

const SMALL_LINE_BYTES = 4 * 1024
const ERROR_LINE_BYTES = 256 * 1024
const ERROR = Buffer.from('"type":"error"')
const HEADER = Buffer.from('"sessionId"')
const ACTIVITY = Buffer.from('"lastUpdated"')

/** Sub-agent chats lie in a folder named after their parent's session: `chats/<parent>/<session>.jsonl`. */
const parentOf = (path: string): string | null => /\/chats\/([^/]+)\/[^/]+$/.exec(path)?.[1] ?? null

// Only lines that can matter are parsed: numbers, errors, and the short ones with identity and times.
const matters = (line: Buffer): boolean => {
  if (hasTokens(line)) return true
  if (line.length <= ERROR_LINE_BYTES && line.includes(ERROR)) return true
  return line.length <= SMALL_LINE_BYTES && (line.includes(HEADER) || line.includes(ACTIVITY))
}

/**
 * Reads one Gemini chat, `.jsonl` (a patch log) or old `.json` (one object): tokens by message id wherever they stand,
 * errors, times and identity. A message seen again only ever adds what it did not say before; text is never kept.
 */
export const geminiParser = (file: ParserFile, state: unknown, sink: Sink): TranscriptParser => {
  let known: KnownSession | null =
    objectOf(state) === null ? null : ({ ...(state as KnownSession) } satisfies KnownSession)
  let place: Place | null = null

  const identify = (record: JsonObject): void => {
    const header = headerOf(record)
    if (header === null || (known !== null && known.startedMs !== null)) return
    // The file does not say where it ran; the collector learns that from `.project_root`.
    known = { ...(known ?? newSession(header.sessionId, PROVIDER)), ...header }
    known.parentSessionId = header.isSubagent ? parentOf(file.path) : null
    place = null
  }

  const session = (): KnownSession => {
    known ??= newSession(stemOf(file.path), PROVIDER)
    return known
  }

  const placeOf = (own: KnownSession): Place => {
    place ??= {
      sessionId: own.sessionId,
      parentSessionId: own.parentSessionId,
      isSidechain: own.isSubagent,
      cwd: null,
      account: file.account,
    }
    return place
  }

  const sawActivity = (own: KnownSession, ms: number | null): void => {
    if (ms !== null) own.lastActivityMs = Math.max(own.lastActivityMs ?? ms, ms)
  }

  const takeAnswer = (message: JsonObject): void => {
    const at = timeOf(message.timestamp)
    const own = session()
    const fact = geminiUsage(message, placeOf(own), at ?? own.lastActivityMs ?? file.mtimeMs)
    if (fact === null) return
    if (at === null) sink.trouble('time_missing')
    sink.usage(fact)
    sawActivity(own, at)
    own.model = fact.model ?? own.model
    own.contextTokens = fact.inputTokens + fact.cacheReadTokens + fact.outputTokens
  }

  const takeError = (message: JsonObject): void => {
    const at = timeOf(message.timestamp)
    const own = session()
    // The whole history may be written anew: an old notice is no new error.
    if (at === null || at < (own.lastErrorMs ?? 0)) return
    own.lastError = errorClass(message)
    own.lastErrorMs = at
    sawActivity(own, at)
  }

  const takeRecord = (record: JsonObject): void => {
    identify(record)
    for (const message of messagesOf(record)) {
      if (message.type === 'gemini') takeAnswer(message)
      else if (message.type === 'error') takeError(message)
    }
    const patch = objectOf(record.$set)
    if (known !== null) sawActivity(known, timeOf((patch ?? record).lastUpdated))
  }

  const takeLine = (line: Buffer): void => {
    if (!matters(line)) return
    const record = objectOf(parseLine(line.toString('utf8')))
    if (record === null) sink.trouble('malformed_line')
    else takeRecord(record)
  }

  const takeWhole = (block: Buffer): void => {
    const record = objectOf(parseLine(block.toString('utf8')))
    if (record === null) sink.trouble('malformed_line')
    else if (headerOf(record) === null && textOf(record.sessionId) === null) sink.trouble('foreign_file')
    else takeRecord(record)
  }

  return {
    feed(block) {
      if (file.path.endsWith('.json')) return takeWhole(block)
      let start = 0
      for (let end = block.indexOf(10); end >= 0; end = block.indexOf(10, start)) {
        takeLine(block.subarray(start, end))
        start = end + 1
      }
    },
    state: () => known,
    session: () => (known === null ? null : { ...known }),
  }
}
