import * as z from 'zod'
import { envelope, maybe, number, text, time } from './columns.ts'

export const MissionRow = z.object({
  mission_id: text,
  seq: number,
  title: text,
  mission_type: text,
  lane: text,
  priority: text,
  status: text,
  event_type: maybe(text),
  to_agent: maybe(text),
  to_role: maybe(text),
  machine_id: maybe(text),
  convoy_id: maybe(text),
  depends_on_json: text,
  bead_id: maybe(text),
  bead_project: maybe(text),
  idem_key: maybe(text),
  timeout_ms: maybe(number),
  lease_ms: number,
  max_retries: number,
  attempts: number,
  attempts_allowed: number,
  not_before: maybe(time),
  created_at: time,
  created_by: text,
  claim_id: maybe(text),
  claimed_by: maybe(text),
  claimed_at: maybe(time),
  lease_until: maybe(time),
  heartbeat_at: maybe(time),
  finished_at: maybe(time),
  finished_by: maybe(text),
  failure_code: maybe(text),
  failure_message: maybe(text),
  input_tokens: maybe(number),
  output_tokens: maybe(number),
  cost_microusd: maybe(number),
  work_ms: maybe(number),
})
export type MissionRow = z.infer<typeof MissionRow>

export const MissionTextRow = z.object({
  ...envelope,
  mission_id: text,
  kind: text,
  attempt: number,
  ts: time,
  author: text,
  body: text,
})
export type MissionTextRow = z.infer<typeof MissionTextRow>

export const MissionConvoyRow = z.object({
  convoy_id: text,
  seq: number,
  title: text,
  lane: text,
  created_at: time,
  created_by: text,
})
export type MissionConvoyRow = z.infer<typeof MissionConvoyRow>

export const WorktreeRow = z.object({
  machine_id: text,
  path: text,
  repo: text,
  branch: text,
  base_branch: text,
  agent_id: maybe(text),
  mission_id: maybe(text),
  bead_id: maybe(text),
  status: text,
  detail: maybe(text),
  base_commit: maybe(text),
  head_commit: maybe(text),
  merge_commit: maybe(text),
  snapshot_ref: maybe(text),
  created_at: time,
  created_by: text,
  finished_at: maybe(time),
  merged_at: maybe(time),
  removed_at: maybe(time),
  looked_at: maybe(time),
})
export type WorktreeRow = z.infer<typeof WorktreeRow>
