import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import {
  countOf,
  flagOf,
  idOf,
  instantOf,
  type JsonObject,
  numberOf,
  objectOf,
  stringOf,
  wholeOf,
} from '../foreign-json.ts'

/** A command line is the user's text: its program, length and hash are kept. */
const commandCells = (command: unknown): Row => {
  if (typeof command !== 'string') return { command_program: null, command_hash: null, command_chars: null }
  const first = command.trim().split(/\s/)[0]?.split('/').at(-1) ?? ''
  return {
    command_program: /^[a-z][a-z0-9._+-]{0,31}$/i.test(first) ? first : null,
    command_hash: sha256(command),
    command_chars: command.length,
  }
}

/** A build that runs, with rch's own opinion whether it is stuck; null without an id. */
export const runningRow = (build: JsonObject): Row | null => {
  const id = idOf(build.id)
  if (id === null) return null
  return {
    build_id: id,
    phase: 'active',
    project: stringOf(build.project_id),
    worker_id: idOf(build.worker_id),
    ...commandCells(build.command),
    since: instantOf(build.started_at),
    queue_position: null,
    slots: countOf(build.slots),
    heartbeat_age_s: countOf(build.heartbeat_age_secs),
    progress_age_s: countOf(build.progress_age_secs),
    heartbeat_phase: stringOf(build.heartbeat_phase, 64),
    done_pct: numberOf(build.heartbeat_percent),
    stuck_confidence: numberOf(build.detector_confidence),
    hook_alive: flagOf(build.detector_hook_alive),
    heartbeat_stale: flagOf(build.detector_heartbeat_stale),
    progress_stale: flagOf(build.detector_progress_stale),
  }
}

/** A build that waits for slots; null without an id. */
export const queuedRow = (build: JsonObject): Row | null => {
  const row = runningRow({ id: build.id, project_id: build.project_id, command: build.command })
  if (row === null) return null
  return {
    ...row,
    phase: 'queued',
    since: instantOf(build.queued_at),
    queue_position: countOf(build.position),
    slots: countOf(build.slots_needed),
  }
}

// 101: the build succeeded, its tests ran and failed; 128+N: signal N.
const outcomeOf = (exitCode: number | bigint | null, cancelled: boolean): string => {
  if (cancelled) return 'cancelled'
  if (exitCode === null) return 'unknown'
  const code = Number(exitCode)
  if (code === 0) return 'ok'
  if (code === 101) return 'tests_failed'
  return code > 128 ? 'signal' : 'failed'
}

/** A finished build; null without an id or an end. */
export const buildRow = (build: JsonObject): Row | null => {
  const [id, completedAt] = [idOf(build.id), instantOf(build.completed_at)]
  if (id === null || completedAt === null) return null
  const timing = objectOf(build.timing) ?? {}
  const exitCode = wholeOf(build.exit_code)
  return {
    build_id: id,
    started_at: instantOf(build.started_at),
    completed_at: completedAt,
    project: stringOf(build.project_id),
    worker_id: idOf(build.worker_id),
    location: stringOf(build.location, 16),
    ...commandCells(build.command),
    exit_code: exitCode,
    outcome: outcomeOf(exitCode, objectOf(build.cancellation) !== null),
    duration_ms: countOf(build.duration_ms),
    bytes_transferred: countOf(build.bytes_transferred),
    sync_up_ms: countOf(timing.sync_up),
    exec_ms: countOf(timing.exec),
    sync_down_ms: countOf(timing.sync_down),
  }
}
