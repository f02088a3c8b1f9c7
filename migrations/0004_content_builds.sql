-- Session search, builds, set-up checks and benchmarks: cass, rch, afsc, cloud_benchmarker.

-- ── cass: what is indexed, and how fresh ────────────────────────────────────
CREATE TABLE cass_index_status (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  state VARCHAR NOT NULL,              -- healthy | rebuilding | stalled | not_initialized | degraded | unhealthy | as cass says
  healthy BOOLEAN, health_level VARCHAR, initialized BOOLEAN,
  total_sessions BIGINT, total_messages BIGINT,      -- null: not counted by this look
  last_index_at TIMESTAMP,             -- null: never indexed, or not said
  freshness_s BIGINT, stale BOOLEAN, stale_after_s BIGINT,
  documents BIGINT, pending_sessions BIGINT, quarantined_sessions BIGINT,
  rebuild_active BOOLEAN, rebuild_phase VARCHAR, rebuild_done_pct DOUBLE,
  advice VARCHAR,                      -- cass's own words; shown, never run
  latency_ms BIGINT
);
CREATE TABLE latest_cass_index_status (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  state VARCHAR NOT NULL, healthy BOOLEAN, health_level VARCHAR, initialized BOOLEAN,
  total_sessions BIGINT, total_messages BIGINT, last_index_at TIMESTAMP,
  freshness_s BIGINT, stale BOOLEAN, stale_after_s BIGINT,
  documents BIGINT, pending_sessions BIGINT, quarantined_sessions BIGINT,
  rebuild_active BOOLEAN, rebuild_phase VARCHAR, rebuild_done_pct DOUBLE, advice VARCHAR, latency_ms BIGINT
);
CREATE TABLE cass_stats_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  total_conversations BIGINT, total_messages BIGINT, -- null: unknown; cass reports a failed count as 0
  by_agent_json VARCHAR NOT NULL,      -- {agent: conversations}
  by_workspace_json VARCHAR NOT NULL, workspaces_truncated BOOLEAN NOT NULL, -- the ten largest at most
  by_source_json VARCHAR,              -- {source: {conversations, messages}}
  oldest_at TIMESTAMP, newest_at TIMESTAMP, mirror_bytes BIGINT
);
CREATE TABLE latest_cass_stats_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  total_conversations BIGINT, total_messages BIGINT, by_agent_json VARCHAR NOT NULL,
  by_workspace_json VARCHAR NOT NULL, workspaces_truncated BOOLEAN NOT NULL, by_source_json VARCHAR,
  oldest_at TIMESTAMP, newest_at TIMESTAMP, mirror_bytes BIGINT
);
-- Starts per hour: a session lies wholly in the hour it began. Titles and paths are not kept.
CREATE TABLE session_timeline_buckets (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  bucket_start TIMESTAMP NOT NULL, bucket_end TIMESTAMP NOT NULL,
  agent VARCHAR NOT NULL,
  origin VARCHAR NOT NULL,             -- local | remote: remote ones are seen again on the host they came from
  origin_id VARCHAR NOT NULL,          -- cass's source id
  conversation_count BIGINT NOT NULL, message_count BIGINT,
  PRIMARY KEY (machine_id, bucket_start, agent, origin, origin_id)
);
CREATE TABLE session_timeline_bucket_events (
  event_at TIMESTAMP NOT NULL, collected_at TIMESTAMP, machine_id VARCHAR NOT NULL,
  source VARCHAR, source_version VARCHAR, schema_version INTEGER,
  bucket_start TIMESTAMP NOT NULL, bucket_end TIMESTAMP, agent VARCHAR NOT NULL, origin VARCHAR NOT NULL, origin_id VARCHAR NOT NULL,
  conversation_count BIGINT, message_count BIGINT
);

-- ── rch: remote builds ──────────────────────────────────────────────────────
CREATE TABLE rch_status_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  daemon_state VARCHAR NOT NULL,       -- up | down | unknown
  daemon_error_code VARCHAR, daemon_error VARCHAR,
  daemon_version VARCHAR, daemon_pid BIGINT, daemon_started_at TIMESTAMP, socket_path VARCHAR,
  posture VARCHAR,                     -- remote_ready | degraded | local_only
  workers_total BIGINT, workers_healthy BIGINT,
  workers_available BIGINT,            -- healthy, circuit not open, no critical pressure
  slots_total BIGINT, slots_available BIGINT,
  builds_active BIGINT, queue_depth BIGINT,
  avg_latency_ms DOUBLE,               -- health checks of workers since the last look, never build time
  recent_builds BIGINT, recent_failures BIGINT, avg_build_ms DOUBLE, -- over rch's own ring of builds
  alerts_active BIGINT, issues BIGINT, top_issue VARCHAR
);
CREATE TABLE latest_rch_status_snapshots (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  daemon_state VARCHAR NOT NULL, daemon_error_code VARCHAR, daemon_error VARCHAR,
  daemon_version VARCHAR, daemon_pid BIGINT, daemon_started_at TIMESTAMP, socket_path VARCHAR, posture VARCHAR,
  workers_total BIGINT, workers_healthy BIGINT, workers_available BIGINT, slots_total BIGINT, slots_available BIGINT,
  builds_active BIGINT, queue_depth BIGINT, avg_latency_ms DOUBLE,
  recent_builds BIGINT, recent_failures BIGINT, avg_build_ms DOUBLE, alerts_active BIGINT, issues BIGINT, top_issue VARCHAR
);
CREATE TABLE rch_workers (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  worker_id VARCHAR NOT NULL, host VARCHAR, login VARCHAR,
  status VARCHAR NOT NULL,             -- healthy | degraded | unreachable | draining | drained | disabled
  circuit_state VARCHAR,               -- closed | open | half_open
  used_slots BIGINT, total_slots BIGINT, speed_score DOUBLE,
  last_error VARCHAR, consecutive_failures BIGINT, recovery_in_s BIGINT, recent_failures BIGINT,
  pressure_state VARCHAR,              -- healthy | warning | critical | telemetry_gap
  pressure_reason VARCHAR, disk_free_gb DOUBLE, disk_total_gb DOUBLE, disk_io_util_pct DOUBLE,
  memory_pressure DOUBLE, telemetry_age_s BIGINT, telemetry_fresh BOOLEAN,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_rch_workers (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  worker_id VARCHAR NOT NULL, host VARCHAR, login VARCHAR, status VARCHAR NOT NULL, circuit_state VARCHAR,
  used_slots BIGINT, total_slots BIGINT, speed_score DOUBLE,
  last_error VARCHAR, consecutive_failures BIGINT, recovery_in_s BIGINT, recent_failures BIGINT,
  pressure_state VARCHAR, pressure_reason VARCHAR, disk_free_gb DOUBLE, disk_total_gb DOUBLE, disk_io_util_pct DOUBLE,
  memory_pressure DOUBLE, telemetry_age_s BIGINT, telemetry_fresh BOOLEAN, gone BOOLEAN NOT NULL
);
-- Builds that run or wait now.
CREATE TABLE rch_running_builds (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  build_id VARCHAR NOT NULL,           -- beyond 2^53, so text
  phase VARCHAR NOT NULL,              -- active | queued
  project VARCHAR, worker_id VARCHAR,
  command_program VARCHAR, command_hash VARCHAR, command_chars INTEGER,
  since TIMESTAMP, queue_position BIGINT, slots BIGINT,
  heartbeat_age_s BIGINT, progress_age_s BIGINT, heartbeat_phase VARCHAR, done_pct DOUBLE,
  stuck_confidence DOUBLE,             -- 0-1, rch's own detector; null: it does not say
  hook_alive BOOLEAN, heartbeat_stale BOOLEAN, progress_stale BOOLEAN,
  gone BOOLEAN NOT NULL
);
CREATE TABLE latest_rch_running_builds (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  scope VARCHAR NOT NULL,
  build_id VARCHAR NOT NULL, phase VARCHAR NOT NULL, project VARCHAR, worker_id VARCHAR,
  command_program VARCHAR, command_hash VARCHAR, command_chars INTEGER,
  since TIMESTAMP, queue_position BIGINT, slots BIGINT,
  heartbeat_age_s BIGINT, progress_age_s BIGINT, heartbeat_phase VARCHAR, done_pct DOUBLE,
  stuck_confidence DOUBLE, hook_alive BOOLEAN, heartbeat_stale BOOLEAN, progress_stale BOOLEAN, gone BOOLEAN NOT NULL
);
CREATE TABLE rch_builds (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  build_id VARCHAR NOT NULL,
  started_at TIMESTAMP, completed_at TIMESTAMP NOT NULL,
  project VARCHAR, worker_id VARCHAR, location VARCHAR, -- local | remote
  command_program VARCHAR, command_hash VARCHAR, command_chars INTEGER,
  exit_code BIGINT,
  outcome VARCHAR NOT NULL,            -- ok | tests_failed | failed | signal | cancelled | unknown
  duration_ms BIGINT, bytes_transferred BIGINT,
  sync_up_ms BIGINT, exec_ms BIGINT, sync_down_ms BIGINT
);
CREATE TABLE rch_incidents (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  incident_id VARCHAR NOT NULL,        -- hash of the ledger's line
  occurred_at TIMESTAMP NOT NULL,
  event_type VARCHAR NOT NULL, reason_code VARCHAR NOT NULL, reporter VARCHAR,
  selected_mode VARCHAR, local_fallback_allowed BOOLEAN,
  project VARCHAR, worker_id VARCHAR, command_fingerprint VARCHAR
);
CREATE TABLE rch_metric_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  metric_name VARCHAR NOT NULL, labels_json VARCHAR NOT NULL, value DOUBLE -- null: NaN or infinite
);
CREATE TABLE latest_rch_metric_samples (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  metric_name VARCHAR NOT NULL, labels_json VARCHAR NOT NULL, value DOUBLE
);

-- ── afsc: checks of installers ──────────────────────────────────────────────
CREATE TABLE afsc_run_facts (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  run_id VARCHAR NOT NULL,             -- name of the results file where the run wrote no summary
  ts TIMESTAMP NOT NULL, started_at TIMESTAMP,
  status VARCHAR NOT NULL,             -- passed | failed | empty
  complete BOOLEAN NOT NULL,           -- false: no summary line
  total BIGINT NOT NULL, passed BIGINT NOT NULL, failed BIGINT NOT NULL, skipped BIGINT NOT NULL, timed_out BIGINT NOT NULL,
  duration_ms BIGINT, installers_ms BIGINT, error_category VARCHAR
);
CREATE TABLE afsc_event_logs (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  run_id VARCHAR NOT NULL, ts TIMESTAMP NOT NULL,
  event_type VARCHAR NOT NULL,         -- installer_failed | installer_timedout | installer_skipped | …
  severity VARCHAR NOT NULL,           -- error | warning | info
  installer_name VARCHAR NOT NULL, message VARCHAR NOT NULL,
  category VARCHAR, cause VARCHAR, retryable BOOLEAN, confidence DOUBLE,
  exit_code BIGINT, duration_ms BIGINT, retry_count BIGINT
);

-- ── cloud_benchmarker ───────────────────────────────────────────────────────
-- machine_id is the controller that told it; the measured host is `hostname` (an alias of its inventory).
CREATE TABLE cloud_bench_raw (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL, hostname VARCHAR NOT NULL, host_address VARCHAR,
  host_machine_id VARCHAR,             -- as vc.toml maps it; null: not mapped there
  benchmark_type VARCHAR NOT NULL,     -- cpu_events_per_s | fileio_reads_per_s | memory_mib | mutex_avg_latency_ms | threads_avg_latency_ms
  value DOUBLE NOT NULL,
  PRIMARY KEY (machine_id, ts, hostname, benchmark_type)
);
CREATE TABLE cloud_bench_raw_events (
  event_at TIMESTAMP NOT NULL, collected_at TIMESTAMP, machine_id VARCHAR NOT NULL,
  source VARCHAR, source_version VARCHAR, schema_version INTEGER,
  ts TIMESTAMP NOT NULL, hostname VARCHAR NOT NULL, host_address VARCHAR, host_machine_id VARCHAR,
  benchmark_type VARCHAR NOT NULL, value DOUBLE
);
CREATE TABLE cloud_bench_overall (
  collected_at TIMESTAMP NOT NULL, machine_id VARCHAR NOT NULL,
  source VARCHAR NOT NULL, source_version VARCHAR NOT NULL, schema_version INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL, hostname VARCHAR NOT NULL, host_address VARCHAR, host_machine_id VARCHAR,
  overall_score DOUBLE NOT NULL,       -- 0-100 among the hosts of one run only
  subscores_json VARCHAR,              -- the raw values of the same run; null: none came
  PRIMARY KEY (machine_id, ts, hostname)
);
CREATE TABLE cloud_bench_overall_events (
  event_at TIMESTAMP NOT NULL, collected_at TIMESTAMP, machine_id VARCHAR NOT NULL,
  source VARCHAR, source_version VARCHAR, schema_version INTEGER,
  ts TIMESTAMP NOT NULL, hostname VARCHAR NOT NULL, host_address VARCHAR, host_machine_id VARCHAR,
  overall_score DOUBLE, subscores_json VARCHAR
);
