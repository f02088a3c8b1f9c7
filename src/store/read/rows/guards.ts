import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const MailMessageRow = z.object({
  ...envelope,
  database_path: text,
  message_id: text,
  project_id: text,
  project_path: maybe(text),
  thread_id: maybe(text),
  sender: maybe(text),
  importance: maybe(text),
  ack_required: maybe(flag),
  created_at: time,
  subject: maybe(text),
  body_bytes: maybe(number),
  body_sha256: maybe(text),
  recipients: maybe(number),
})
export type MailMessageRow = z.infer<typeof MailMessageRow>

export const MailRecipientRow = z.object({
  ...envelope,
  database_path: text,
  message_id: text,
  message_created_at: time,
  project_id: maybe(text),
  recipient: text,
  kind: maybe(text),
  importance: maybe(text),
  ack_required: maybe(flag),
  read_at: maybe(time),
  ack_at: maybe(time),
  retired_at: maybe(time),
})
export type MailRecipientRow = z.infer<typeof MailRecipientRow>

export const MailReservationRow = z.object({
  ...envelope,
  scope: text,
  database_path: text,
  reservation_id: text,
  project_id: maybe(text),
  project_path: maybe(text),
  path_pattern: maybe(text),
  holder: maybe(text),
  exclusive: maybe(flag),
  reason: maybe(text),
  created_at: maybe(time),
  expires_at: maybe(time),
  gone: flag,
})
export type MailReservationRow = z.infer<typeof MailReservationRow>

export const DcgEventRow = z.object({
  ...envelope,
  database_path: text,
  event_id: text,
  ts: time,
  decision: text,
  rule_id: maybe(text),
  pack_id: maybe(text),
  pattern_name: maybe(text),
  severity: maybe(text),
  cwd: maybe(text),
  agent_type: maybe(text),
  allowlist_layer: maybe(text),
  command_hash: maybe(text),
  command_program: maybe(text),
  command_chars: maybe(number),
  command_lines: maybe(number),
  eval_us: maybe(number),
})
export type DcgEventRow = z.infer<typeof DcgEventRow>

export const RanoEventRow = z.object({
  ...envelope,
  database_path: text,
  event_id: text,
  ts: time,
  run_id: maybe(text),
  event: text,
  provider: maybe(text),
  pid: maybe(number),
  comm: maybe(text),
  proto: maybe(text),
  local_port: maybe(number),
  remote_ip: maybe(text),
  remote_port: maybe(number),
  remote_is_private: maybe(flag),
  domain: maybe(text),
  duration_ms: maybe(number),
  alert: maybe(flag),
})
export type RanoEventRow = z.infer<typeof RanoEventRow>

export const NetSessionRow = z.object({
  ...envelope,
  scope: text,
  database_path: text,
  run_id: maybe(text),
  provider: maybe(text),
  first_ts: maybe(time),
  last_ts: maybe(time),
  connection_count: number,
  close_count: number,
  destinations: maybe(number),
  alerts: maybe(number),
  avg_duration_ms: maybe(number),
  gone: flag,
})
export type NetSessionRow = z.infer<typeof NetSessionRow>

export const TriageSnapshotRow = z.object({
  ...envelope,
  threshold: text,
  findings: number,
  critical: number,
  high: number,
  medium: number,
  low: number,
  kill_recommendations: number,
  review_recommendations: number,
})
export type TriageSnapshotRow = z.infer<typeof TriageSnapshotRow>

export const TriageFindingRow = z.object({
  ...envelope,
  scope: text,
  pid: number,
  start_ticks: maybe(number),
  comm: maybe(text),
  action: maybe(text),
  severity: maybe(text),
  confidence: maybe(number),
  classification: maybe(text),
  command_hash: maybe(text),
  command_chars: maybe(number),
  gone: flag,
})
export type TriageFindingRow = z.infer<typeof TriageFindingRow>
