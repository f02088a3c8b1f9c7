import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const CassIndexRow = z.object({
  ...envelope,
  state: text,
  healthy: maybe(flag),
  health_level: maybe(text),
  initialized: maybe(flag),
  total_sessions: maybe(number),
  total_messages: maybe(number),
  last_index_at: maybe(time),
  freshness_s: maybe(number),
  stale: maybe(flag),
  stale_after_s: maybe(number),
  documents: maybe(number),
  pending_sessions: maybe(number),
  quarantined_sessions: maybe(number),
  rebuild_active: maybe(flag),
  rebuild_phase: maybe(text),
  rebuild_done_pct: maybe(number),
  advice: maybe(text),
  latency_ms: maybe(number),
})
export type CassIndexRow = z.infer<typeof CassIndexRow>

export const CassStatsRow = z.object({
  ...envelope,
  total_conversations: maybe(number),
  total_messages: maybe(number),
  by_agent_json: text,
  by_workspace_json: text,
  workspaces_truncated: flag,
  by_source_json: maybe(text),
  oldest_at: maybe(time),
  newest_at: maybe(time),
  mirror_bytes: maybe(number),
})
export type CassStatsRow = z.infer<typeof CassStatsRow>
