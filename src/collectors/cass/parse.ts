import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import {
  countOf,
  flagOf,
  instantOf,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  parseExact,
  stringOf,
  unknownFields,
  wholeOf,
} from '../foreign-json.ts'
import type { Section } from '../tool-sections.ts'

/** What was counted before, to tell a failed count (which cass reports as 0) from an empty archive. */
export interface Counted {
  readonly conversations: number
  readonly messages: number
}

const stateOf = (health: JsonObject, index: JsonObject): string => {
  const said = stringOf(health.status, 40)
  if (said !== null) return said
  if (health.healthy === true) return 'healthy'
  return index.exists === false ? 'not_initialized' : 'unhealthy'
}

/** A row of cass_index_status; null when the text is no health report. Exit 1 is how cass says "not healthy". */
export const parseHealth = (text: string, counted: Counted | null): Row | null => {
  const health = objectOf(parseExact(text))
  if (health === null || typeof health.healthy !== 'boolean') return null
  const state = objectOf(health.state) ?? {}
  const [index, database, pending] = [state.index, state.database, state.pending].map((part) => objectOf(part) ?? {})
  const db = objectOf(health.db) ?? database ?? {}
  const rebuild = objectOf(health.rebuild_progress) ?? {}
  const skipped = db.counts_skipped === true
  const ratio = numberOf(rebuild.completion_ratio)
  return {
    state: stateOf(health, index ?? {}),
    healthy: health.healthy,
    health_level: stringOf(health.health_level, 40),
    initialized: flagOf(health.initialized),
    total_sessions: (skipped ? null : countOf(db.conversations)) ?? counted?.conversations ?? null,
    total_messages: (skipped ? null : countOf(db.messages)) ?? counted?.messages ?? null,
    last_index_at: instantOf(index?.last_indexed_at),
    freshness_s: countOf(index?.age_seconds),
    stale: flagOf(index?.stale),
    stale_after_s: countOf(index?.stale_threshold_seconds),
    documents: countOf(index?.documents),
    pending_sessions: countOf(pending?.sessions),
    quarantined_sessions: countOf(index?.quarantined_conversations),
    rebuild_active: flagOf(rebuild.active),
    rebuild_phase: stringOf(rebuild.phase, 40),
    rebuild_done_pct: ratio === null ? null : ratio * 100,
    advice: stringOf(health.recommended_action, 300),
    latency_ms: countOf(health.latency_ms),
  }
}

const STATS_FIELDS = new Set(
  'conversations messages by_agent top_workspaces date_range raw_mirror db_path source_filter by_source'.split(' '),
)
const MAX_NAMES = 500

const tally = (items: readonly JsonObject[], name: string): Record<string, number> =>
  Object.fromEntries(
    items.slice(0, MAX_NAMES).flatMap((item) => {
      const [key, value] = [stringOf(item[name], 512), numberOf(item.count)]
      return key === null || value === null ? [] : [[key, value] as const]
    }),
  )

const bySource = (items: readonly JsonObject[]): string =>
  JSON.stringify(
    Object.fromEntries(
      items
        .slice(0, MAX_NAMES)
        .map((item) => [
          stringOf(item.source_id) ?? '?',
          { conversations: numberOf(item.conversations), messages: numberOf(item.messages) },
        ]),
    ),
  )

// A count query that failed is reported as 0.
const believed = (value: unknown, before: number | undefined): number | bigint | null => {
  const count = countOf(value)
  return count !== null && Number(count) === 0 && (before ?? 0) > 0 ? null : count
}

export interface StatsText {
  readonly row: Row
  readonly counted: Counted | null
  readonly unknown: number
}

/** A row of cass_stats_snapshots; null when the text is no statistics. */
export const parseStats = (text: string, before: Counted | null): StatsText | null => {
  const stats = objectOf(parseExact(text))
  if (stats === null || !Array.isArray(stats.by_agent) || !('conversations' in stats)) return null
  const conversations = believed(stats.conversations, before?.conversations)
  const messages = believed(stats.messages, before?.messages)
  const workspaces = objectsOf(stats.top_workspaces)
  const range = objectOf(stats.date_range) ?? {}
  const row: Row = {
    total_conversations: conversations,
    total_messages: messages,
    by_agent_json: JSON.stringify(tally(objectsOf(stats.by_agent), 'agent')),
    by_workspace_json: JSON.stringify(tally(workspaces, 'workspace')),
    workspaces_truncated: workspaces.length >= 10,
    by_source_json: Array.isArray(stats.by_source) ? bySource(objectsOf(stats.by_source)) : null,
    oldest_at: instantOf(range.oldest),
    newest_at: instantOf(range.newest),
    mirror_bytes: wholeOf(objectOf(stats.raw_mirror)?.total_storage_bytes),
  }
  const counted =
    conversations === null || messages === null
      ? before
      : { conversations: Number(conversations), messages: Number(messages) }
  return { row, counted, unknown: unknownFields([stats], STATS_FIELDS) }
}

export interface CassError {
  readonly kind: string
  readonly message: string
  readonly retryable: boolean
}

/** The error cass wrote to stderr, nested or flat; null when it wrote none. */
export const parseCassError = ({ err }: Section): CassError | null => {
  const line = err.slice(Math.max(0, err.indexOf('{')))
  const whole = objectOf(parseExact(line.trim())) ?? objectOf(parseExact(line.split('\n')[0] ?? ''))
  const error = objectOf(whole?.error) ?? whole
  const kind = stringOf(error?.kind, 64)
  if (error === null || error === undefined || kind === null) return null
  return { kind, message: displayText(String(error.message ?? ''), 200), retryable: error.retryable === true }
}
