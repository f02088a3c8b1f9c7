import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const RchStatusRow = z.object({
  ...envelope,
  daemon_state: text,
  daemon_error_code: maybe(text),
  daemon_error: maybe(text),
  daemon_version: maybe(text),
  daemon_pid: maybe(number),
  daemon_started_at: maybe(time),
  socket_path: maybe(text),
  posture: maybe(text),
  workers_total: maybe(number),
  workers_healthy: maybe(number),
  workers_available: maybe(number),
  slots_total: maybe(number),
  slots_available: maybe(number),
  builds_active: maybe(number),
  queue_depth: maybe(number),
  avg_latency_ms: maybe(number),
  recent_builds: maybe(number),
  recent_failures: maybe(number),
  avg_build_ms: maybe(number),
  alerts_active: maybe(number),
  issues: maybe(number),
  top_issue: maybe(text),
})
export type RchStatusRow = z.infer<typeof RchStatusRow>

export const RchWorkerRow = z.object({
  ...envelope,
  scope: text,
  worker_id: text,
  host: maybe(text),
  login: maybe(text),
  status: text,
  circuit_state: maybe(text),
  used_slots: maybe(number),
  total_slots: maybe(number),
  speed_score: maybe(number),
  last_error: maybe(text),
  consecutive_failures: maybe(number),
  recovery_in_s: maybe(number),
  recent_failures: maybe(number),
  pressure_state: maybe(text),
  pressure_reason: maybe(text),
  disk_free_gb: maybe(number),
  disk_total_gb: maybe(number),
  disk_io_util_pct: maybe(number),
  memory_pressure: maybe(number),
  telemetry_age_s: maybe(number),
  telemetry_fresh: maybe(flag),
  gone: flag,
})
export type RchWorkerRow = z.infer<typeof RchWorkerRow>

export const RchRunningBuildRow = z.object({
  ...envelope,
  scope: text,
  build_id: text,
  phase: text,
  project: maybe(text),
  worker_id: maybe(text),
  command_program: maybe(text),
  command_hash: maybe(text),
  command_chars: maybe(number),
  since: maybe(time),
  queue_position: maybe(number),
  slots: maybe(number),
  heartbeat_age_s: maybe(number),
  progress_age_s: maybe(number),
  heartbeat_phase: maybe(text),
  done_pct: maybe(number),
  stuck_confidence: maybe(number),
  hook_alive: maybe(flag),
  heartbeat_stale: maybe(flag),
  progress_stale: maybe(flag),
  gone: flag,
})
export type RchRunningBuildRow = z.infer<typeof RchRunningBuildRow>

export const RchBuildRow = z.object({
  ...envelope,
  build_id: text,
  started_at: maybe(time),
  completed_at: time,
  project: maybe(text),
  worker_id: maybe(text),
  location: maybe(text),
  command_program: maybe(text),
  command_hash: maybe(text),
  command_chars: maybe(number),
  exit_code: maybe(number),
  outcome: text,
  duration_ms: maybe(number),
  bytes_transferred: maybe(number),
  sync_up_ms: maybe(number),
  exec_ms: maybe(number),
  sync_down_ms: maybe(number),
})
export type RchBuildRow = z.infer<typeof RchBuildRow>

export const RchIncidentRow = z.object({
  ...envelope,
  incident_id: text,
  occurred_at: time,
  event_type: text,
  reason_code: text,
  reporter: maybe(text),
  selected_mode: maybe(text),
  local_fallback_allowed: maybe(flag),
  project: maybe(text),
  worker_id: maybe(text),
  command_fingerprint: maybe(text),
})
export type RchIncidentRow = z.infer<typeof RchIncidentRow>

export const RchMetricRow = z.object({
  ...envelope,
  metric_name: text,
  labels_json: text,
  value: maybe(number),
})
export type RchMetricRow = z.infer<typeof RchMetricRow>

export const AfscRunRow = z.object({
  ...envelope,
  run_id: text,
  ts: time,
  started_at: maybe(time),
  status: text,
  complete: flag,
  total: number,
  passed: number,
  failed: number,
  skipped: number,
  timed_out: number,
  duration_ms: maybe(number),
  installers_ms: maybe(number),
  error_category: maybe(text),
})
export type AfscRunRow = z.infer<typeof AfscRunRow>

export const AfscEventRow = z.object({
  ...envelope,
  run_id: text,
  ts: time,
  event_type: text,
  severity: text,
  installer_name: text,
  message: text,
  category: maybe(text),
  cause: maybe(text),
  retryable: maybe(flag),
  confidence: maybe(number),
  exit_code: maybe(number),
  duration_ms: maybe(number),
  retry_count: maybe(number),
})
export type AfscEventRow = z.infer<typeof AfscEventRow>

export const BenchRawRow = z.object({
  ...envelope,
  ts: time,
  hostname: text,
  host_address: maybe(text),
  host_machine_id: maybe(text),
  benchmark_type: text,
  value: number,
})
export type BenchRawRow = z.infer<typeof BenchRawRow>

export const BenchOverallRow = z.object({
  ...envelope,
  ts: time,
  hostname: text,
  host_address: maybe(text),
  host_machine_id: maybe(text),
  overall_score: number,
  subscores_json: maybe(text),
})
export type BenchOverallRow = z.infer<typeof BenchOverallRow>
