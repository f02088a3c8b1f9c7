import { displayText } from '../../core/text.ts'
import { MOST_TOKENS } from '../transcripts/ledger.ts'
import type { Place, SessionFact, UsageFact } from '../transcripts/source.ts'

type Raw = Readonly<Record<string, unknown>>

/** One row of `message`, numbers and names only. Times in epoch ms. */
export interface OpencodeMessage {
  readonly id: string
  readonly sessionId: string
  readonly updatedMs: number
  readonly createdMs: number
  readonly completedMs: number | null
  readonly role: string | null
  readonly finish: string | null
  readonly summary: boolean
  readonly errorName: string | null
  readonly errorStatus: number | null
  /** For classifying a limit only; never stored. */
  readonly errorText: string | null
  readonly provider: string | null
  readonly model: string | null
  readonly cwd: string | null
  readonly usage: UsageFact | null
}

export interface OpencodeSession {
  readonly id: string
  readonly parentId: string | null
  readonly directory: string | null
  readonly version: string | null
  readonly createdMs: number | null
  readonly updatedMs: number | null
}

export interface ParsedPage {
  readonly messages: readonly OpencodeMessage[]
  readonly sessions: ReadonlyMap<string, OpencodeSession>
  /** Rows without id, session or time, or whose JSON or numbers are not what they should be. */
  readonly unreadable: number
}

// 2100-01-01: a later "time" is not one, and would hold the cursor there for ever.
const LATEST_MS = 4_102_444_800_000

// No single answer costs this much; a larger number is damage.
const MOST_USD = 1e6

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const word = (value: unknown, max = 128): string | null => {
  const found = text(value)
  return found === null ? null : displayText(found, max)
}

const number = (value: unknown): number | null => {
  const plain = typeof value === 'bigint' ? Number(value) : value
  return typeof plain === 'number' && Number.isFinite(plain) ? plain : null
}

const timeMs = (value: unknown): number | null => {
  const ms = number(value)
  return ms !== null && ms > 0 && ms < LATEST_MS ? Math.trunc(ms) : null
}

/** A token count; an absent one is none of that kind, a nonsensical one spoils the row (NaN). */
const count = (value: unknown): number => {
  if (value === null || value === undefined) return 0
  const found = number(value)
  return found !== null && found >= 0 && found <= Number.MAX_SAFE_INTEGER ? Math.trunc(found) : Number.NaN
}

// A row is final when the model call ended in any way; until then its numbers may still grow.
const isFinal = (row: Raw): boolean =>
  timeMs(row.completed) !== null || text(row.finish) !== null || text(row.error_name) !== null

/** Undefined: the numbers are no numbers. Null: nothing to count (user row, unfinished, no tokens). */
const readUsage = (row: Raw, id: string, createdMs: number, place: Place): UsageFact | null | undefined => {
  if (row.role !== 'assistant' || !isFinal(row)) return null
  const [input, output, reasoning, cacheRead, cacheWrite] = [
    count(row.input),
    count(row.output),
    count(row.reasoning),
    count(row.cache_read),
    count(row.cache_write),
  ]
  const sum = input + output + reasoning + cacheRead + cacheWrite
  if (!(sum <= MOST_TOKENS)) return undefined
  if (sum === 0) return null
  const cost = number(row.cost)
  return {
    provider: word(row.provider, 64) ?? 'unknown',
    key: id,
    tsMs: createdMs,
    requestId: null,
    model: word(row.model),
    inputTokens: input,
    outputTokens: output + reasoning,
    cacheReadTokens: cacheRead,
    cacheWrite5mTokens: cacheWrite,
    cacheWrite1hTokens: 0,
    reasoningTokens: reasoning,
    place,
    // OpenCode writes 0 for models it has no price for: that is not a price.
    ...(cost !== null && cost > 0 && cost < MOST_USD
      ? { costMicrousd: Math.round(cost * 1e6), priceSource: 'opencode' }
      : {}),
  }
}

const readMessage = (row: Raw): OpencodeMessage | null => {
  const id = word(row.id)
  const sessionId = word(row.session_id)
  const updatedMs = timeMs(row.time_updated)
  const createdMs = timeMs(row.created) ?? timeMs(row.time_created)
  if (id === null || sessionId === null || updatedMs === null || createdMs === null || !row.sound) return null
  const parentSessionId = word(row.parent_id)
  const cwd = word(row.cwd, 4096) ?? word(row.directory, 4096)
  const place = { sessionId, parentSessionId, isSidechain: parentSessionId !== null, cwd, account: null }
  const usage = readUsage(row, id, createdMs, place)
  if (usage === undefined) return null
  return {
    id,
    sessionId,
    updatedMs,
    createdMs,
    completedMs: timeMs(row.completed),
    role: word(row.role),
    finish: word(row.finish),
    summary: row.summary === 1,
    errorName: word(row.error_name),
    errorStatus: number(row.error_status),
    errorText: text(row.error_text),
    provider: word(row.provider, 64),
    model: word(row.model),
    cwd,
    usage,
  }
}

const readSession = (row: Raw): OpencodeSession | null => {
  const id = word(row.known_session)
  if (id === null) return null
  return {
    id,
    parentId: word(row.parent_id),
    directory: word(row.directory, 4096),
    version: word(row.version, 64),
    createdMs: timeMs(row.session_created),
    updatedMs: timeMs(row.session_updated),
  }
}

/** Rows of `messagePage` and `sessionPage` to facts. Never throws, whatever the values are. */
export const parseOpencodePage = (messageRows: readonly Raw[], sessionRows: readonly Raw[]): ParsedPage => {
  const messages: OpencodeMessage[] = []
  const sessions = new Map<string, OpencodeSession>()
  for (const row of [...messageRows, ...sessionRows]) {
    const session = readSession(row)
    if (session !== null) sessions.set(session.id, session)
  }
  for (const row of messageRows) {
    const message = readMessage(row)
    if (message !== null) messages.push(message)
  }
  return { messages, sessions, unreadable: messageRows.length - messages.length }
}

/** True while a later look may find more in this row. */
export const isUnfinished = (message: OpencodeMessage): boolean =>
  message.role === 'assistant' && message.completedMs === null && message.errorName === null

const newest = (messages: readonly OpencodeMessage[]): OpencodeMessage | undefined =>
  messages.reduce<OpencodeMessage | undefined>(
    (best, one) =>
      best === undefined || one.createdMs > best.createdMs || (one.createdMs === best.createdMs && one.id > best.id)
        ? one
        : best,
    undefined,
  )

const contextOf = (usage: UsageFact): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.outputTokens

const errorOf = (message: OpencodeMessage | undefined): string | null => {
  if (message?.errorName === null || message === undefined) return null
  return message.errorStatus === null ? message.errorName : `${message.errorName} ${message.errorStatus}`
}

/** What the rows of one session say about it; null where these rows are silent (an earlier look may know). */
export const sessionFact = (session: OpencodeSession, messages: readonly OpencodeMessage[]): SessionFact => {
  const answers = messages.filter((message) => message.role === 'assistant')
  const last = newest(answers)
  const counted = newest(answers.filter((message) => message.usage !== null))
  const failed = newest(answers.filter((message) => message.errorName !== null))
  const times = [session.updatedMs ?? 0, ...messages.map((message) => message.updatedMs)]
  const lastMs = times.reduce((a, b) => Math.max(a, b), 0)
  return {
    sessionId: session.id,
    parentSessionId: session.parentId,
    isSubagent: session.parentId !== null,
    provider: last?.provider ?? null,
    cwd: session.directory ?? last?.cwd ?? null,
    gitBranch: null,
    cliVersion: session.version,
    model: last?.model ?? null,
    entrypoint: null,
    startedMs: session.createdMs,
    lastActivityMs: lastMs > 0 ? lastMs : null,
    contextTokens: counted?.usage == null ? null : contextOf(counted.usage),
    contextWindowTokens: null,
    lastError: errorOf(failed),
    lastErrorMs: failed?.updatedMs ?? null,
  }
}
