import type { Sighting } from '../../core/agent.ts'
import type { SessionFact } from '../transcripts/source.ts'
import type { DbCursor } from './cursor.ts'
import type { OpencodeMessage } from './parse.ts'

type Raw = Readonly<Record<string, unknown>>
export type ReadRows = (rows: readonly unknown[]) => Sighting | null

const KEPT = 50

/** The newest message of each session, for which the tool parts decide between working and ended. */
export const newestMessages = (messages: readonly OpencodeMessage[]): ReadonlyMap<string, OpencodeMessage> => {
  const newest = new Map<string, OpencodeMessage>()
  for (const message of messages) {
    const before = newest.get(message.sessionId)
    const later =
      before === undefined ||
      message.createdMs > before.createdMs ||
      (message.createdMs === before.createdMs && message.id >= before.id)
    if (later) newest.set(message.sessionId, message)
  }
  return newest
}

/** Sessions touched last, newest first: only their present state can matter. */
export const recentSessions = (messages: readonly OpencodeMessage[]): readonly string[] =>
  [...newestMessages(messages.toSorted((a, b) => b.updatedMs - a.updatedMs)).keys()].slice(0, KEPT)

// The reader of states takes rows as OpenCode stores them; only their structure is rebuilt, no text.
const messageRow = (message: OpencodeMessage): Raw => ({
  tbl: 'message',
  id: message.id,
  time_updated: message.updatedMs,
  data: {
    role: message.role,
    ...(message.finish === null ? {} : { finish: message.finish }),
    ...(message.summary ? { summary: true } : {}),
    ...(message.errorName === null
      ? {}
      : { error: { name: message.errorName, data: { statusCode: message.errorStatus, message: message.errorText } } }),
    time: {
      created: message.createdMs,
      ...(message.completedMs === null ? {} : { completed: message.completedMs }),
    },
  },
})

const partRow = (part: Raw): Raw => ({
  tbl: 'part',
  id: part.id,
  message_id: part.message_id,
  time_updated: part.time_updated,
  data: {
    type: 'tool',
    tool: part.tool,
    state: { status: part.status, ...(part.rejected === 1 ? { error: 'rejected permission' } : {}) },
  },
})

/** What the newest rows of each touched session say, beside what is known of the others; older than `sinceMs` is over. */
export const judgeSessions = (
  before: DbCursor['sightings'],
  sessions: ReadonlyMap<string, SessionFact>,
  newest: ReadonlyMap<string, OpencodeMessage>,
  parts: readonly Raw[],
  readRows: ReadRows,
  sinceMs: number,
): DbCursor['sightings'] => {
  const known = new Map(before.map((entry) => [entry.session.sessionId, entry]))
  for (const [sessionId, message] of newest) {
    const session = sessions.get(sessionId)
    if (session === undefined) continue
    const own = parts.filter((part) => part.message_id === message.id).map(partRow)
    const sighting = readRows([messageRow(message), ...own])
    if (sighting === null) known.delete(sessionId)
    else known.set(sessionId, { session, sighting })
  }
  const asOfMs = (entry: DbCursor['sightings'][number]): number => new Date(entry.sighting.asOf).getTime()
  return [...known.values()]
    .filter((entry) => asOfMs(entry) >= sinceMs)
    .sort((a, b) => asOfMs(b) - asOfMs(a))
    .slice(0, KEPT)
}
