import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import {
  countOf,
  flagOf,
  idOf,
  instantOf,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  parseExact,
  stringOf,
  unknownFields,
} from '../foreign-json.ts'
import { buildRow, queuedRow, runningRow } from './builds.ts'
import { STATUS_FIELDS, STATUS_NULLS, WORKER_FIELDS } from './fields.ts'

export interface RchStatus {
  /** Columns of rch_status_snapshots except `avg_latency_ms`, which the metrics tell. */
  readonly status: Row
  readonly workers: readonly Row[]
  readonly running: readonly Row[]
  readonly builds: readonly Row[]
  readonly version: string | null
  /** Items without an id or an end, which cannot be kept. */
  readonly skipped: number
  readonly unknown: number
}

const isTrue = (value: unknown): boolean => value === true

const workerRow = (worker: JsonObject): Row | null => {
  const id = idOf(worker.id)
  const status = stringOf(worker.status, 32)
  if (id === null || status === null) return null
  const history = Array.isArray(worker.failure_history) ? worker.failure_history : null
  return {
    worker_id: id,
    host: stringOf(worker.host),
    login: stringOf(worker.user, 64),
    status,
    circuit_state: stringOf(worker.circuit_state, 32),
    used_slots: countOf(worker.used_slots),
    total_slots: countOf(worker.total_slots),
    speed_score: numberOf(worker.speed_score),
    last_error: stringOf(worker.last_error, 300),
    consecutive_failures: countOf(worker.consecutive_failures),
    recovery_in_s: countOf(worker.recovery_in_secs),
    recent_failures: history === null ? null : history.filter((went) => went === false).length,
    pressure_state: stringOf(worker.pressure_state, 32),
    pressure_reason: stringOf(worker.pressure_reason_code, 64),
    disk_free_gb: numberOf(worker.pressure_disk_free_gb),
    disk_total_gb: numberOf(worker.pressure_disk_total_gb),
    disk_io_util_pct: numberOf(worker.pressure_disk_io_util_pct),
    memory_pressure: numberOf(worker.pressure_memory_pressure),
    telemetry_age_s: countOf(worker.pressure_telemetry_age_secs),
    telemetry_fresh: flagOf(worker.pressure_telemetry_fresh),
  }
}

const isAvailable = (row: Row): boolean =>
  row.status === 'healthy' && row.circuit_state !== 'open' && row.pressure_state !== 'critical'

const down = (envelope: JsonObject): RchStatus => {
  const error = objectOf(envelope.error) ?? {}
  const words = [error.message, error.details].filter((word) => typeof word === 'string').join(': ')
  const status = {
    ...STATUS_NULLS,
    daemon_state: 'down',
    daemon_error_code: stringOf(error.code, 32),
    daemon_error: words === '' ? null : displayText(words, 300),
  }
  return { status, workers: [], running: [], builds: [], version: null, skipped: 0, unknown: 0 }
}

const statusRow = (data: JsonObject, whole: JsonObject, daemon: JsonObject, workers: readonly Row[]): Row => {
  const stats = objectOf(whole.stats) ?? {}
  const issues = objectsOf(whole.issues)
  const worst = issues.find(({ severity }) => severity === 'error') ?? issues[0]
  const hint = objectsOf(data.remediation_hints)[0]
  const builds = countOf(stats.total_builds)
  const listed = (value: unknown): number | null => (Array.isArray(value) ? value.length : null)
  return {
    ...STATUS_NULLS,
    daemon_state: 'up',
    daemon_version: stringOf(daemon.version, 40),
    daemon_pid: countOf(daemon.pid),
    daemon_started_at: instantOf(daemon.started_at),
    socket_path: stringOf(daemon.socket_path),
    posture: stringOf(data.posture, 32),
    workers_total: countOf(daemon.workers_total),
    workers_healthy: countOf(daemon.workers_healthy),
    workers_available: Array.isArray(whole.workers) ? workers.filter(isAvailable).length : null,
    slots_total: countOf(daemon.slots_total),
    slots_available: countOf(daemon.slots_available),
    builds_active: listed(whole.active_builds),
    queue_depth: listed(whole.queued_builds ?? []),
    recent_builds: builds,
    recent_failures: countOf(stats.failure_count),
    // an empty ring has no average, though rch prints 0
    avg_build_ms: builds === null || Number(builds) === 0 ? null : numberOf(stats.avg_duration_ms),
    alerts_active: Array.isArray(whole.alerts) ? whole.alerts.length : null,
    issues: issues.length,
    top_issue: stringOf(worst?.summary, 300) ?? stringOf(hint?.message, 300),
  }
}

/** What rchd says of itself; `daemon down` is an answer too. Null when the text is no envelope of rch. */
export const parseStatus = (text: string): RchStatus | null => {
  const envelope = objectOf(parseExact(text))
  if (envelope === null || typeof envelope.success !== 'boolean' || !('api_version' in envelope)) return null
  if (!isTrue(envelope.success)) return objectOf(envelope.error) === null ? null : down(envelope)
  const data = objectOf(envelope.data)
  const whole = objectOf(data?.daemon)
  const daemon = objectOf(whole?.daemon)
  if (data === null || whole === null || daemon === null) return null
  const given = [whole.workers, whole.active_builds, whole.queued_builds, whole.recent_builds].map(objectsOf)
  const [workers, active, queued, recent] = [
    given[0]?.map(workerRow) ?? [],
    given[1]?.map(runningRow) ?? [],
    given[2]?.map(queuedRow) ?? [],
    given[3]?.map(buildRow) ?? [],
  ]
  const sound = (rows: readonly (Row | null)[]): Row[] => rows.filter((row) => row !== null)
  const all = [...workers, ...active, ...queued, ...recent]
  return {
    status: statusRow(data, whole, daemon, sound(workers)),
    workers: sound(workers),
    running: [...sound(active), ...sound(queued)],
    builds: sound(recent),
    version: stringOf(daemon.version, 40),
    skipped: all.filter((row) => row === null).length,
    unknown: unknownFields([whole], STATUS_FIELDS) + unknownFields(given[0] ?? [], WORKER_FIELDS),
  }
}
