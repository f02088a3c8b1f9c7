import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

const state = { ...envelope, scope: text, gone: flag }

export const NtmSessionRow = z.object({
  ...state,
  session_name: text,
  label: maybe(text),
  work_dir: maybe(text),
  attached: maybe(flag),
  windows: maybe(number),
  panes: maybe(number),
  agent_counts_json: maybe(text),
  panes_json: maybe(text),
  health_status: maybe(text),
  health_reason: maybe(text),
})
export type NtmSessionRow = z.infer<typeof NtmSessionRow>

export const NtmActivityRow = z.object({
  ...envelope,
  total_sessions: number,
  attached_sessions: maybe(number),
  total_agents: maybe(number),
  by_type_json: maybe(text),
  by_state_json: maybe(text),
})
export type NtmActivityRow = z.infer<typeof NtmActivityRow>

export const NtmEventRow = z.object({
  ...envelope,
  ts: time,
  cursor: number,
  category: maybe(text),
  event_type: text,
  session_name: maybe(text),
  pane: maybe(text),
  agent_id: maybe(text),
  event_source: maybe(text),
  severity: maybe(text),
  actionability: maybe(text),
  reason_code: maybe(text),
  summary: maybe(text),
  details_json: maybe(text),
})
export type NtmEventRow = z.infer<typeof NtmEventRow>

export const GastownTownRow = z.object({
  ...state,
  town: text,
  name: maybe(text),
  daemon_running: maybe(flag),
  dolt_running: maybe(flag),
  dolt_port: maybe(number),
  tmux_socket: maybe(text),
  tmux_running: maybe(flag),
  rigs: maybe(number),
  polecats: maybe(number),
  crew: maybe(number),
  active_hooks: maybe(number),
})
export type GastownTownRow = z.infer<typeof GastownTownRow>

export const GastownAgentRow = z.object({
  ...state,
  town: text,
  address: text,
  rig: maybe(text),
  role: text,
  name: maybe(text),
  session_name: maybe(text),
  socket: maybe(text),
  pane_key: maybe(text),
  agent_id: maybe(text),
  running: maybe(flag),
  state: maybe(text),
  has_work: maybe(flag),
  hook_bead: maybe(text),
  work_title: maybe(text),
  cli_info: maybe(text),
})
export type GastownAgentRow = z.infer<typeof GastownAgentRow>

export const GastownHookRow = z.object({
  ...state,
  town: text,
  address: text,
  rig: maybe(text),
  role: maybe(text),
  has_work: maybe(flag),
  molecule: maybe(text),
  title: maybe(text),
})
export type GastownHookRow = z.infer<typeof GastownHookRow>

export const GastownQueueRow = z.object({
  ...state,
  town: text,
  rig: text,
  pending: maybe(number),
  in_flight: maybe(number),
  blocked: maybe(number),
  state: maybe(text),
  health: maybe(text),
})
export type GastownQueueRow = z.infer<typeof GastownQueueRow>

export const GastownMergeRequestRow = z.object({
  ...state,
  town: text,
  rig: text,
  request_id: text,
  title: maybe(text),
  status: maybe(text),
  priority: maybe(number),
  branch: maybe(text),
  target: maybe(text),
  worker: maybe(text),
  source_issue: maybe(text),
  convoy_id: maybe(text),
  retries: maybe(number),
  blocked_by: maybe(number),
  created_at: maybe(time),
  updated_at: maybe(time),
})
export type GastownMergeRequestRow = z.infer<typeof GastownMergeRequestRow>

export const GastownConvoyRow = z.object({
  ...state,
  town: text,
  convoy_id: text,
  title: maybe(text),
  status: maybe(text),
  created_at: maybe(time),
  completed: maybe(number),
  total: maybe(number),
  tracked_json: maybe(text),
})
export type GastownConvoyRow = z.infer<typeof GastownConvoyRow>

export const GastownMailRow = z.object({
  ...envelope,
  ts: time,
  town: text,
  line_hash: text,
  sender: maybe(text),
  recipient: maybe(text),
  subject: maybe(text),
})
export type GastownMailRow = z.infer<typeof GastownMailRow>

export const GastownEventRow = z.object({
  ...envelope,
  ts: time,
  town: text,
  line_hash: text,
  event_type: text,
  actor: maybe(text),
  rig: maybe(text),
  subject: maybe(text),
  visibility: maybe(text),
  details_json: maybe(text),
})
export type GastownEventRow = z.infer<typeof GastownEventRow>
