import type { Row } from '../../core/rows.ts'
import {
  epochMsOf,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  parseExact,
  stringOf,
  unknownFields,
} from '../foreign-json.ts'

const HOUR_MS = 3_600_000

export interface TimelineText {
  /** Rows of session_timeline_buckets. */
  readonly rows: readonly Row[]
  readonly newestStartMs: number | null
  /** Sessions without a start: nobody can say in which hour they belong. */
  readonly unplaced: number
  readonly unknown: number
}

const FIELDS = new Set(
  (
    'id agent title started_at ended_at source_path message_count source_id origin_kind origin_host duration_seconds ' +
    'workspace'
  ).split(' '),
)

// `--group-by none` lists sessions; builds that group all the same list them by hour or day.
const sessionsOf = (timeline: JsonObject): readonly JsonObject[] | null => {
  if (Array.isArray(timeline.sessions)) return objectsOf(timeline.sessions)
  const groups = objectOf(timeline.groups)
  return groups === null ? null : Object.values(groups).flatMap(objectsOf)
}

interface Bucket {
  readonly startMs: number
  readonly agent: string
  readonly origin: string
  readonly originId: string
  conversations: number
  messages: number | null
}

const rowOf = (bucket: Bucket): Row => ({
  bucket_start: new Date(bucket.startMs),
  bucket_end: new Date(bucket.startMs + HOUR_MS),
  agent: bucket.agent,
  origin: bucket.origin,
  origin_id: bucket.originId,
  conversation_count: bucket.conversations,
  message_count: bucket.messages,
})

/** Starts per hour, agent and origin; null when the text is no timeline. Titles and paths are dropped here. */
export const parseTimeline = (text: string, sinceMs: number): TimelineText | null => {
  const timeline = objectOf(parseExact(text))
  const sessions = timeline === null ? null : sessionsOf(timeline)
  if (timeline === null || sessions === null || !('total_sessions' in timeline)) return null
  const buckets = new Map<string, Bucket>()
  let [newestStartMs, unplaced]: [number | null, number] = [null, 0]
  for (const session of sessions) {
    const startedMs = epochMsOf(session.started_at)?.getTime()
    if (startedMs === undefined) {
      unplaced += 1
      continue
    }
    // an hour that began before the window would be counted in part and replace a whole one
    if (startedMs < sinceMs) continue
    newestStartMs = Math.max(newestStartMs ?? startedMs, startedMs)
    const startMs = Math.floor(startedMs / HOUR_MS) * HOUR_MS
    const agent = stringOf(session.agent, 64) ?? 'unknown'
    const origin = stringOf(session.origin_kind, 32) ?? 'local'
    const originId = stringOf(session.source_id) ?? 'local'
    const key = JSON.stringify([startMs, agent, origin, originId])
    const bucket = buckets.get(key) ?? { startMs, agent, origin, originId, conversations: 0, messages: 0 }
    const messages = numberOf(session.message_count)
    bucket.conversations += 1
    bucket.messages = messages === null || bucket.messages === null ? null : bucket.messages + Math.trunc(messages)
    buckets.set(key, bucket)
  }
  const rows = [...buckets.values()].sort((a, b) => a.startMs - b.startMs).map(rowOf)
  return { rows, newestStartMs, unplaced, unknown: unknownFields(sessions, FIELDS) }
}
