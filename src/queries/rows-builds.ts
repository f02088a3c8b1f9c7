import * as z from 'zod'
import type * as read from '../store/index.ts'
import { count, isoTime, pct } from './shapes.ts'

const daemonLine = z.object({
  machine: z.string(),
  state: z.string().describe('up | down | unknown'),
  error: z.string().nullable(),
  version: z.string().nullable(),
  posture: z.string().nullable().describe('remote_ready | degraded | local_only'),
  workers_total: count.nullable(),
  workers_available: count.nullable().describe('healthy, circuit not open, no critical pressure'),
  slots_total: count.nullable(),
  slots_available: count.nullable(),
  active: count.nullable(),
  queued: count.nullable(),
  avg_latency_ms: z.number().nullable().describe('health checks of workers between the last two looks'),
  top_issue: z.string().nullable(),
  collected_at: isoTime,
})

const workerLine = z.object({
  machine: z.string(),
  worker: z.string(),
  host: z.string().nullable(),
  status: z.string(),
  circuit: z.string().nullable(),
  pressure: z.string().nullable(),
  used_slots: count.nullable(),
  total_slots: count.nullable(),
  disk_free_gb: z.number().nullable(),
  last_error: z.string().nullable(),
  as_of: isoTime.describe('last look at a daemon that was up'),
})

const runningLine = z.object({
  machine: z.string(),
  build: z.string().describe('id, beyond 2^53'),
  phase: z.string().describe('active | queued'),
  project: z.string().nullable(),
  worker: z.string().nullable(),
  program: z.string().nullable(),
  since: isoTime.nullable(),
  queue_position: count.nullable(),
  progress_age_s: count.nullable(),
  done_pct: z.number().nullable(),
  stuck_confidence: z.number().nullable().describe("0-1, rch's own detector; null: it does not say"),
})

const buildLine = z.object({
  machine: z.string(),
  build: z.string(),
  completed: isoTime,
  project: z.string().nullable(),
  worker: z.string().nullable(),
  location: z.string().nullable(),
  program: z.string().nullable(),
  outcome: z.string().describe('ok | tests_failed | failed | signal | cancelled | unknown'),
  exit_code: z.number().int().nullable(),
  duration_ms: count.nullable(),
  exec_ms: count.nullable(),
  bytes_transferred: count.nullable(),
})

const incidentLine = z.object({
  machine: z.string(),
  ts: isoTime,
  type: z.string(),
  reason: z.string(),
  mode: z.string().nullable(),
  project: z.string().nullable(),
  worker: z.string().nullable(),
})

const setupLine = z.object({
  machine: z.string(),
  run: z.string(),
  ts: isoTime,
  status: z.string().describe('passed | failed | empty'),
  complete: z.boolean().describe('false: the run wrote no summary'),
  passed: count,
  failed: count.describe('timeouts included'),
  skipped: count,
  duration_ms: count.nullable(),
  error_category: z.string().nullable(),
  problems: z.array(z.object({ installer: z.string(), type: z.string(), severity: z.string(), message: z.string() })),
})

const metricLine = z.object({
  machine: z.string(),
  metric: z.string(),
  labels: z.record(z.string(), z.string()),
  value: z.number().nullable(),
})

/** The answer of the topic `builds`. */
export const buildsData = z.object({
  daemons: z.array(daemonLine),
  workers: z.array(workerLine),
  running: z.array(runningLine),
  recent: z.array(buildLine).describe('newest first'),
  summary: z.object({
    builds: count,
    ok: count,
    not_ok: count.describe('failed, tests failed, ended by a signal; cancelled and unknown count in neither'),
    ok_pct: pct.nullable(),
    remote: count,
    median_ms: z.number().nullable(),
  }),
  incidents: z.array(incidentLine),
  setup_checks: z.array(setupLine).describe('runs of the setup checker, newest first'),
  metrics: z.array(metricLine).describe('only with metrics=true'),
})

export const daemonOf = (row: read.RchStatusRow): z.input<typeof daemonLine> => ({
  machine: row.machine_id,
  state: row.daemon_state,
  error: row.daemon_error,
  version: row.daemon_version,
  posture: row.posture,
  workers_total: row.workers_total,
  workers_available: row.workers_available,
  slots_total: row.slots_total,
  slots_available: row.slots_available,
  active: row.builds_active,
  queued: row.queue_depth,
  avg_latency_ms: row.avg_latency_ms,
  top_issue: row.top_issue,
  collected_at: row.collected_at,
})

export const workerOf = (row: read.RchWorkerRow): z.input<typeof workerLine> => ({
  machine: row.machine_id,
  worker: row.worker_id,
  host: row.host,
  status: row.status,
  circuit: row.circuit_state,
  pressure: row.pressure_state,
  used_slots: row.used_slots,
  total_slots: row.total_slots,
  disk_free_gb: row.disk_free_gb,
  last_error: row.last_error,
  as_of: row.collected_at,
})

export const runningOf = (row: read.RchRunningBuildRow): z.input<typeof runningLine> => ({
  machine: row.machine_id,
  build: row.build_id,
  phase: row.phase,
  project: row.project,
  worker: row.worker_id,
  program: row.command_program,
  since: row.since,
  queue_position: row.queue_position,
  progress_age_s: row.progress_age_s,
  done_pct: row.done_pct,
  stuck_confidence: row.stuck_confidence,
})

export const buildOf = (row: read.RchBuildRow): z.input<typeof buildLine> => ({
  machine: row.machine_id,
  build: row.build_id,
  completed: row.completed_at,
  project: row.project,
  worker: row.worker_id,
  location: row.location,
  program: row.command_program,
  outcome: row.outcome,
  exit_code: row.exit_code,
  duration_ms: row.duration_ms,
  exec_ms: row.exec_ms,
  bytes_transferred: row.bytes_transferred,
})

export const incidentOf = (row: read.RchIncidentRow): z.input<typeof incidentLine> => ({
  machine: row.machine_id,
  ts: row.occurred_at,
  type: row.event_type,
  reason: row.reason_code,
  mode: row.selected_mode,
  project: row.project,
  worker: row.worker_id,
})

/** A run with what did not pass in it. */
export const setupOf = (row: read.AfscRunRow, events: readonly read.AfscEventRow[]): z.input<typeof setupLine> => ({
  machine: row.machine_id,
  run: row.run_id,
  ts: row.ts,
  status: row.status,
  complete: row.complete,
  passed: row.passed,
  failed: row.failed,
  skipped: row.skipped,
  duration_ms: row.duration_ms,
  error_category: row.error_category,
  problems: events
    .filter((event) => event.machine_id === row.machine_id && event.run_id === row.run_id)
    .map((event) => ({
      installer: event.installer_name,
      type: event.event_type,
      severity: event.severity,
      message: event.message,
    })),
})

export const metricOf = (row: read.RchMetricRow): z.input<typeof metricLine> => ({
  machine: row.machine_id,
  metric: row.metric_name,
  labels: JSON.parse(row.labels_json) as Record<string, string>,
  value: row.value,
})
