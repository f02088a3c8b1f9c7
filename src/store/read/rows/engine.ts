import * as z from 'zod'
import { envelope, maybe, number, text, time } from './columns.ts'

export const ManagedAgentRow = z.object({
  agent_id: text,
  machine_id: text,
  cli: text,
  role: text,
  label: maybe(text),
  tier: text,
  tier_reason: text,
  model: maybe(text),
  isolation: text,
  cwd: text,
  worktree: maybe(text),
  branch: maybe(text),
  spec_json: text,
  argv_json: text,
  session_id: maybe(text),
  host: text,
  socket: maybe(text),
  server_pid: maybe(number),
  server_start: maybe(number),
  session_name: maybe(text),
  pane_id: maybe(text),
  pane_pid: maybe(number),
  pane_start_ticks: maybe(number),
  boot_id: maybe(text),
  log_path: maybe(text),
  launches: number,
  restart_policy: text,
  mandate: maybe(text),
  schedule_json: maybe(text),
  wanted: text,
  status: text,
  status_reason: maybe(text),
  status_at: time,
  restarts: number,
  crashes_json: text,
  created_at: time,
  created_by: text,
  started_at: maybe(time),
  ended_at: maybe(time),
  exit_code: maybe(number),
  next_restart_at: maybe(time),
  last_seen_at: maybe(time),
})
export type ManagedAgentRow = z.infer<typeof ManagedAgentRow>

export const EngineEventRow = z.object({
  ...envelope,
  event_id: text,
  agent_id: text,
  ts: time,
  type: text,
  detail: maybe(text),
  data_json: text,
})
export type EngineEventRow = z.infer<typeof EngineEventRow>

export const PoolQueueRow = z.object({
  request_id: text,
  machine_id: text,
  agent_id: text,
  priority: text,
  asked_at: time,
  asked_by: text,
  status: text,
  reason: maybe(text),
  settled_at: maybe(time),
})
export type PoolQueueRow = z.infer<typeof PoolQueueRow>

export const EngineOrphanRow = z.object({
  machine_id: text,
  boot_id: text,
  pid: number,
  start_ticks: number,
  agent_id: text,
  comm: text,
  rss_bytes: maybe(number),
  why: text,
  first_seen_at: time,
  seen_at: time,
  gone_at: maybe(time),
})
export type EngineOrphanRow = z.infer<typeof EngineOrphanRow>
