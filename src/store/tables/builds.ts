import type { TableSpec } from './spec.ts'

const ENVELOPE = ['collected_at', 'source', 'source_version', 'schema_version'] as const

/** Remote builds, checks of installers, benchmarks of hosts. */
export const BUILDS_TABLES = [
  {
    name: 'rch_status_snapshots',
    mode: 'sample',
    key: ['machine_id', 'collected_at'],
    time: 'collected_at',
    latest: 'latest_rch_status_snapshots',
    retentionDays: 30,
    text: ['daemon_error', 'top_issue'],
  },
  {
    name: 'rch_workers',
    mode: 'state',
    key: ['worker_id'],
    time: 'collected_at',
    latest: 'latest_rch_workers',
    // measured anew at each look; the state words tell when they matter
    quiet: ['recovery_in_s', 'speed_score', 'disk_free_gb', 'disk_io_util_pct', 'memory_pressure', 'telemetry_age_s'],
    retentionDays: 30,
    text: ['last_error'],
  },
  {
    name: 'rch_running_builds',
    mode: 'state',
    key: ['build_id'],
    time: 'collected_at',
    latest: 'latest_rch_running_builds',
    quiet: ['heartbeat_age_s', 'progress_age_s', 'done_pct', 'stuck_confidence'],
    retentionDays: 30,
  },
  {
    name: 'rch_builds',
    mode: 'event',
    key: ['machine_id', 'build_id'],
    time: 'completed_at',
    retentionDays: 365,
  },
  {
    name: 'rch_incidents',
    mode: 'event',
    key: ['machine_id', 'incident_id'],
    time: 'occurred_at',
    retentionDays: 365,
  },
  {
    name: 'rch_metric_samples',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'metric_name', 'labels_json'],
    time: 'collected_at',
    latest: 'latest_rch_metric_samples',
    retentionDays: 7,
  },
  {
    name: 'afsc_run_facts',
    mode: 'event',
    key: ['machine_id', 'run_id'],
    time: 'ts',
    retentionDays: null,
  },
  {
    name: 'afsc_event_logs',
    mode: 'event',
    key: ['machine_id', 'run_id', 'installer_name'],
    time: 'ts',
    retentionDays: 365,
    text: ['message'],
  },
  {
    name: 'cloud_bench_raw',
    mode: 'current',
    key: ['machine_id', 'ts', 'hostname', 'benchmark_type'],
    time: 'ts',
    twin: 'cloud_bench_raw_events',
    quiet: ENVELOPE,
    retentionDays: null,
  },
  {
    name: 'cloud_bench_overall',
    mode: 'current',
    key: ['machine_id', 'ts', 'hostname'],
    time: 'ts',
    twin: 'cloud_bench_overall_events',
    quiet: ENVELOPE,
    retentionDays: null,
  },
] as const satisfies readonly TableSpec[]
