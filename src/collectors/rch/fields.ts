import { nulls } from '../foreign-json.ts'

/** Columns of rch_status_snapshots that a daemon which is down leaves unknown. */
export const STATUS_NULLS = nulls(
  'daemon_error_code daemon_error daemon_version daemon_pid daemon_started_at socket_path posture workers_total ' +
    'workers_healthy workers_available slots_total slots_available builds_active queue_depth avg_latency_ms ' +
    'recent_builds recent_failures avg_build_ms alerts_active issues top_issue',
)

export const STATUS_FIELDS: ReadonlySet<string> = new Set(
  'daemon workers active_builds queued_builds recent_builds issues alerts stats test_stats saved_time remediation'.split(
    ' ',
  ),
)

export const WORKER_FIELDS: ReadonlySet<string> = new Set(
  (
    'id host user status circuit_state used_slots total_slots speed_score last_error consecutive_failures ' +
    'recovery_in_secs failure_history pressure_state pressure_confidence pressure_reason_code pressure_policy_rule ' +
    'pressure_disk_free_gb pressure_disk_total_gb pressure_disk_free_ratio pressure_disk_io_util_pct ' +
    'pressure_memory_pressure pressure_telemetry_age_secs pressure_telemetry_fresh bypass'
  ).split(' '),
)
