import type { CollectContext } from '../../core/collector.ts'
import type { Fault } from '../../core/faults.ts'
import type { SessionFact } from '../transcripts/source.ts'
import type { DbCursor } from './cursor.ts'
import { isUnfinished, type OpencodeMessage, type OpencodeSession, parseOpencodePage, sessionFact } from './parse.ts'
import { type Keyset, messagePage, newestMessagesOf, newestToolParts, PAGE_ROWS, sessionPage } from './query.ts'
import { judgeSessions, newestMessages, type ReadRows, recentSessions } from './sightings.ts'

type Raw = Readonly<Record<string, unknown>>

const PAGES_PER_RUN = 10
const MAX_UNFINISHED = 200
// Clocks are set back by seconds: what changed shortly before the cursor is read again, which changes no total.
const OVERLAP_MS = 120_000
// A clock that ran ahead must not carry the cursor beyond everything that is written after it was put right.
const AHEAD_MS = 300_000
// Older sessions are over: their newest rows say nothing about the present.
const EVIDENCE_MS = 48 * 3_600_000

export interface DatabaseLook {
  readonly messages: readonly OpencodeMessage[]
  readonly sessions: ReadonlyMap<string, SessionFact>
  readonly unreadable: number
  readonly cursor: DbCursor
}

export interface LookFailed {
  readonly fault: Fault
  readonly detail: string
}

type Rows = { readonly rows: readonly Raw[] } | LookFailed

const isFailed = <Found extends object>(found: Found | LookFailed): found is LookFailed => 'fault' in found

const ask = async (ctx: CollectContext, path: string, sql: string): Promise<Rows> => {
  const answer = await ctx.sqlite(path, sql)
  if (answer.is === 'rows') return answer
  if (answer.is === 'missing') return { fault: 'bad_output', detail: `${path} vanished while it was read` }
  const detail = answer.detail ?? 'the database could not be read'
  // A table or column that is not there is another generation of OpenCode, not a broken answer.
  const other = /no such (table|column|function)/.test(detail)
  return { fault: other ? 'incompatible_version' : answer.fault, detail }
}

interface Pages {
  readonly messages: readonly Raw[]
  readonly sessions: readonly Raw[]
  readonly reached: Keyset
  readonly sessionsMs: number
  readonly behind: boolean
}

const laterOf = (a: Keyset, b: Keyset): Keyset =>
  b.updatedMs > a.updatedMs || (b.updatedMs === a.updatedMs && b.id > a.id) ? b : a

const keyOf = (row: Raw | undefined): Keyset | null =>
  typeof row?.time_updated === 'number' && Number.isSafeInteger(row.time_updated) && typeof row.id === 'string'
    ? { updatedMs: row.time_updated, id: row.id }
    : null

interface Page {
  readonly rows: readonly Raw[]
  readonly limit: number
}

const SMALLEST_PAGE = 20

/** One page; smaller ones when a machine's answer was cut, so that long rows cannot hold the cursor for ever. */
const readPage = async (
  ctx: CollectContext,
  path: string,
  from: Keyset,
  unfinished: readonly string[],
  limit: number,
): Promise<Page | LookFailed> => {
  const found = await ask(ctx, path, messagePage(from, unfinished, limit))
  if (!isFailed(found)) return { rows: found.rows, limit }
  if (found.fault !== 'truncated' || limit <= SMALLEST_PAGE) return found
  return readPage(ctx, path, from, unfinished, Math.max(SMALLEST_PAGE, Math.floor(limit / 10)))
}

const readPages = async (ctx: CollectContext, path: string, cursor: DbCursor): Promise<Pages | LookFailed> => {
  const reached = { updatedMs: cursor.updatedMs, id: cursor.id }
  let from: Keyset = cursor.behind ? reached : { updatedMs: cursor.updatedMs - OVERLAP_MS, id: '' }
  let furthest = reached
  const messages: Raw[] = []
  const sessions = ask(ctx, path, sessionPage(Math.max(0, cursor.sessionsMs - OVERLAP_MS)))
  // When a page fails first, nobody waits for this answer any more.
  sessions.catch(() => undefined)
  let limit = PAGE_ROWS
  for (let page = 0; page < PAGES_PER_RUN; page += 1) {
    const found = await readPage(ctx, path, from, page === 0 ? cursor.unfinished : [], limit)
    if (isFailed(found)) return found
    messages.push(...found.rows)
    limit = found.limit
    const last = keyOf(found.rows.at(-1))
    furthest = last === null ? furthest : laterOf(furthest, last)
    if (found.rows.length < limit || last === null) return finish(await sessions, messages, furthest, false)
    from = laterOf(from, last)
  }
  return finish(await sessions, messages, furthest, true)
}

const finish = (sessions: Rows, messages: readonly Raw[], reached: Keyset, behind: boolean): Pages | LookFailed => {
  if (isFailed(sessions)) return sessions
  const last = sessions.rows.at(-1)?.session_updated
  const sessionsMs = typeof last === 'number' && Number.isSafeInteger(last) ? last : 0
  const full = sessions.rows.length >= PAGE_ROWS
  return { messages, sessions: sessions.rows, reached, sessionsMs, behind: behind || full }
}

interface Newest {
  readonly messages: readonly Raw[]
  readonly parts: readonly Raw[]
}

/** The newest rows of the sessions touched last, whatever page they were on. */
const readNewest = async (
  ctx: CollectContext,
  path: string,
  sessionIds: readonly string[],
): Promise<Newest | LookFailed> => {
  if (sessionIds.length === 0) return { messages: [], parts: [] }
  const [messages, parts] = await Promise.all([
    ask(ctx, path, newestMessagesOf(sessionIds)),
    ask(ctx, path, newestToolParts(sessionIds)),
  ])
  if (isFailed(messages)) return messages
  return isFailed(parts) ? parts : { messages: messages.rows, parts: parts.rows }
}

const groupBySession = (messages: readonly OpencodeMessage[]): ReadonlyMap<string, OpencodeMessage[]> => {
  const groups = new Map<string, OpencodeMessage[]>()
  for (const message of messages) {
    const group = groups.get(message.sessionId)
    if (group === undefined) groups.set(message.sessionId, [message])
    else group.push(message)
  }
  return groups
}

const factsOf = (
  messages: readonly OpencodeMessage[],
  sessions: ReadonlyMap<string, OpencodeSession>,
): ReadonlyMap<string, SessionFact> => {
  const groups = groupBySession(messages)
  const ids = new Set([...sessions.keys(), ...groups.keys()])
  const silent = { parentId: null, directory: null, version: null, createdMs: null, updatedMs: null }
  return new Map([...ids].map((id) => [id, sessionFact(sessions.get(id) ?? { id, ...silent }, groups.get(id) ?? [])]))
}

const nextCursor = (cursor: DbCursor, pages: Pages, messages: readonly OpencodeMessage[], nowMs: number): DbCursor => {
  const ahead = !pages.behind && pages.reached.updatedMs > nowMs + AHEAD_MS
  return {
    ...cursor,
    updatedMs: ahead ? nowMs : pages.reached.updatedMs,
    id: ahead ? '' : pages.reached.id,
    sessionsMs: Math.min(Math.max(cursor.sessionsMs, pages.sessionsMs), nowMs + AHEAD_MS),
    unfinished: messages
      .filter(isUnfinished)
      .map((message) => message.id)
      .slice(-MAX_UNFINISHED),
    behind: pages.behind,
  }
}

/** Everything that changed in one database since the cursor, at most some pages of it. */
export const readDatabase = async (
  ctx: CollectContext,
  path: string,
  cursor: DbCursor,
  readRows: ReadRows,
): Promise<DatabaseLook | LookFailed> => {
  const pages = await readPages(ctx, path, cursor)
  if (isFailed(pages)) return pages
  const page = parseOpencodePage(pages.messages, pages.sessions)
  const newestRows = await readNewest(ctx, path, recentSessions(page.messages))
  if (isFailed(newestRows)) return newestRows
  const newest = parseOpencodePage(newestRows.messages, [])
  const messages = [...new Map([...page.messages, ...newest.messages].map((message) => [message.id, message])).values()]
  const sessions = factsOf(messages, new Map([...page.sessions, ...newest.sessions]))
  const last = newestMessages(newest.messages)
  const nowMs = ctx.startedAt.getTime()
  return {
    messages,
    sessions,
    unreadable: page.unreadable,
    cursor: {
      ...nextCursor(cursor, pages, page.messages, nowMs),
      sightings: judgeSessions(cursor.sightings, sessions, last, newestRows.parts, readRows, nowMs - EVIDENCE_MS),
    },
  }
}
