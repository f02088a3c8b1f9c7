import type { Claim, Lane, Mission, MissionStatus, Priority } from '../core/missions/mission.ts'
import type { Row } from '../core/rows.ts'
import type { MissionRow } from '../store/index.ts'

const date = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))
const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

/** A mission as the store keeps it, every column. */
export const missionRow = (mission: Mission): Row => ({
  mission_id: mission.missionId,
  seq: mission.seq,
  title: mission.title,
  mission_type: mission.type,
  lane: mission.lane,
  priority: mission.priority,
  status: mission.status,
  event_type: mission.eventType,
  to_agent: mission.toAgent,
  to_role: mission.toRole,
  machine_id: mission.machineId,
  convoy_id: mission.convoyId,
  depends_on_json: JSON.stringify(mission.dependsOn),
  bead_id: mission.bead?.id ?? null,
  bead_project: mission.bead?.project ?? null,
  idem_key: mission.idemKey,
  timeout_ms: mission.timeoutMs,
  lease_ms: mission.leaseMs,
  max_retries: mission.maxRetries,
  attempts: mission.attempts,
  attempts_allowed: mission.attemptsAllowed,
  not_before: date(mission.notBeforeMs),
  created_at: new Date(mission.createdAtMs),
  created_by: mission.createdBy,
  ...claimCells(mission.claim),
  finished_at: date(mission.finishedAtMs),
  finished_by: mission.finishedBy,
  failure_code: mission.failure?.code ?? null,
  failure_message: mission.failure?.message ?? null,
  input_tokens: mission.usage.inputTokens,
  output_tokens: mission.usage.outputTokens,
  cost_microusd: mission.usage.costMicrousd,
  work_ms: mission.workMs,
})

const claimCells = (claim: Claim | null): Row => ({
  claim_id: claim?.claimId ?? null,
  claimed_by: claim?.by ?? null,
  claimed_at: date(claim?.atMs ?? null),
  lease_until: date(claim?.leaseUntilMs ?? null),
  heartbeat_at: date(claim?.heartbeatAtMs ?? null),
})

const claimOf = (row: MissionRow): Claim | null =>
  row.claim_id === null || row.claimed_at === null
    ? null
    : {
        claimId: row.claim_id,
        by: row.claimed_by ?? 'unknown',
        atMs: Date.parse(row.claimed_at),
        leaseUntilMs: ms(row.lease_until) ?? 0,
        heartbeatAtMs: ms(row.heartbeat_at) ?? 0,
      }

/** The inverse of missionRow. */
export const missionOf = (row: MissionRow): Mission => ({
  missionId: row.mission_id,
  seq: row.seq,
  title: row.title,
  type: row.mission_type,
  lane: row.lane as Lane,
  priority: row.priority as Priority,
  status: row.status as MissionStatus,
  eventType: row.event_type,
  toAgent: row.to_agent,
  toRole: row.to_role,
  machineId: row.machine_id,
  convoyId: row.convoy_id,
  dependsOn: JSON.parse(row.depends_on_json) as string[],
  bead: row.bead_id === null ? null : { id: row.bead_id, project: row.bead_project ?? '' },
  idemKey: row.idem_key,
  timeoutMs: row.timeout_ms,
  leaseMs: row.lease_ms,
  maxRetries: row.max_retries,
  attempts: row.attempts,
  attemptsAllowed: row.attempts_allowed,
  notBeforeMs: ms(row.not_before),
  createdAtMs: Date.parse(row.created_at),
  createdBy: row.created_by,
  claim: claimOf(row),
  finishedAtMs: ms(row.finished_at),
  finishedBy: row.finished_by,
  failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message },
  usage: { inputTokens: row.input_tokens, outputTokens: row.output_tokens, costMicrousd: row.cost_microusd },
  workMs: row.work_ms,
})
