import * as z from 'zod'
import { MODEL_TIERS } from '../core/agent-role.ts'
import { MANAGED_STATUSES, RESTART_POLICIES, WANTED } from '../core/engine.ts'
import type { EngineOrphanRow, PoolQueueRow } from '../store/index.ts'
import type { KeptAgent } from './rows-engine.ts'
import { agentState, count, isoTime, microusd, tokens } from './shapes.ts'

export const bytes = count.describe('bytes')

const healthShape = z.strictObject({
  alive: z.boolean().nullable().describe('null: cannot be told now'),
  responsive: z.boolean().nullable(),
  heartbeat_age_s: count.nullable(),
  mem_bytes: bytes.nullable().describe('resident, its whole process tree'),
  cpu_pct: z.number().nullable(),
  processes: count.nullable(),
  idle_s: count.nullable(),
  state: agentState,
  why: z.string(),
})

const recoveryShape = z.strictObject({
  proposed: z.enum(['resume', 'fresh', 'forget']),
  why: z.string(),
  options: z.array(
    z.strictObject({
      way: z.enum(['resume', 'fresh', 'forget']),
      not: z.string().nullable().describe('why it cannot be done; null: it can'),
      says: z.string(),
    }),
  ),
})

export const agentShape = z.object({
  agent: z.string(),
  machine: z.string(),
  cli: z.string(),
  role: z.string(),
  label: z.string().nullable(),
  tier: z.enum(MODEL_TIERS),
  tier_reason: z.string(),
  model: z.string().nullable().describe("null: the CLI's own default"),
  status: z.enum(MANAGED_STATUSES),
  status_reason: z.string().nullable(),
  status_at: isoTime,
  wanted: z.enum(WANTED),
  cwd: z.string(),
  isolation: z.string(),
  worktree: z.string().nullable(),
  branch: z.string().nullable(),
  session: z.string().nullable().describe("the CLI's own session id"),
  pid: count.nullable(),
  terminal: z.string().nullable().describe('tmux session on the socket of vc'),
  socket: z.string().nullable(),
  pane: z.string().nullable(),
  log: z.string().nullable(),
  argv: z.array(z.string()),
  launches: count,
  restart_policy: z.enum(RESTART_POLICIES),
  restarts: count,
  next_restart_at: isoTime.nullable(),
  started_at: isoTime.nullable(),
  ended_at: isoTime.nullable(),
  exit_code: z.number().int().nullable(),
  created_at: isoTime,
  created_by: z.string(),
  schedule: z.string().nullable().describe('standing agents: when they get their mission, cron in UTC'),
  health: healthShape,
  recovery: recoveryShape.nullable().describe('how it could come back; carried out only by vc agent recover'),
  overhead: z
    .strictObject({
      mem_bytes: bytes.nullable(),
      cpu_pct: z.number().nullable(),
      tokens_24h: tokens.nullable(),
      cost_microusd_24h: microusd.nullable(),
    })
    .nullable()
    .describe('of standing agents: what they cost, whether they have something to do or not'),
})

const ageS = (fromMs: number | null, now: Date): number | null =>
  fromMs === null ? null : Math.max(0, Math.round((now.getTime() - fromMs) / 1000))

const scheduleOf = (json: string | null): string | null =>
  json === null ? null : String((JSON.parse(json) as { cron?: unknown }).cron ?? '')

export const agentOf = ({ row, health, recovery, overhead }: KeptAgent, now: Date): z.input<typeof agentShape> => ({
  agent: row.agent_id,
  machine: row.machine_id,
  cli: row.cli,
  role: row.role,
  label: row.label,
  tier: row.tier as (typeof MODEL_TIERS)[number],
  tier_reason: row.tier_reason,
  model: row.model,
  status: row.status as (typeof MANAGED_STATUSES)[number],
  status_reason: row.status_reason,
  status_at: row.status_at,
  wanted: row.wanted as (typeof WANTED)[number],
  cwd: row.cwd,
  isolation: row.isolation,
  worktree: row.worktree,
  branch: row.branch,
  session: row.session_id,
  pid: row.pane_pid,
  terminal: row.session_name,
  socket: row.socket,
  pane: row.pane_id,
  log: row.log_path,
  argv: JSON.parse(row.argv_json) as string[],
  launches: row.launches,
  restart_policy: row.restart_policy as (typeof RESTART_POLICIES)[number],
  restarts: row.restarts,
  next_restart_at: row.next_restart_at,
  started_at: row.started_at,
  ended_at: row.ended_at,
  exit_code: row.exit_code,
  created_at: row.created_at,
  created_by: row.created_by,
  schedule: scheduleOf(row.schedule_json),
  health: {
    alive: health.alive,
    responsive: health.responsive,
    heartbeat_age_s: ageS(health.heartbeatAtMs, now),
    mem_bytes: health.memBytes,
    cpu_pct: health.cpuPct,
    processes: health.processes,
    idle_s: health.idleMs === null ? null : Math.round(health.idleMs / 1000),
    state: agentState.parse(health.state),
    why: health.why,
  },
  recovery:
    recovery === null
      ? null
      : { proposed: recovery.proposed, why: recovery.why, options: recovery.options.map((option) => ({ ...option })) },
  overhead:
    overhead === null
      ? null
      : {
          mem_bytes: overhead.memBytes,
          cpu_pct: overhead.cpuPct,
          tokens_24h: overhead.tokens24h,
          cost_microusd_24h: overhead.costMicrousd24h,
        },
})

export const waitingShape = z.strictObject({
  agent: z.string(),
  machine: z.string(),
  priority: z.string(),
  asked_at: isoTime,
  asked_by: z.string(),
  place: count.describe('in the line of its machine, from 1'),
})

const RANK: readonly string[] = ['critical', 'high', 'normal', 'low']

export const lineOf = (rows: readonly PoolQueueRow[]): z.input<typeof waitingShape>[] => {
  const ordered = rows.toSorted(
    (a, b) =>
      a.machine_id.localeCompare(b.machine_id) ||
      RANK.indexOf(a.priority) - RANK.indexOf(b.priority) ||
      a.asked_at.localeCompare(b.asked_at) ||
      a.request_id.localeCompare(b.request_id),
  )
  return ordered.map((row, index) => ({
    agent: row.agent_id,
    machine: row.machine_id,
    priority: row.priority,
    asked_at: row.asked_at,
    asked_by: row.asked_by,
    place: index + 1 - ordered.findIndex((one) => one.machine_id === row.machine_id),
  }))
}

export const orphanShape = z.strictObject({
  machine: z.string(),
  pid: count,
  command: z.string(),
  mem_bytes: bytes.nullable(),
  agent: z.string().describe('the agent it was started for'),
  why: z.string().describe('agent_stopped | agent_ended | agent_unknown | survived_stop'),
  first_seen_at: isoTime,
  seen_at: isoTime,
})

export const orphanOf = (row: EngineOrphanRow): z.input<typeof orphanShape> => ({
  machine: row.machine_id,
  pid: row.pid,
  command: row.comm,
  mem_bytes: row.rss_bytes,
  agent: row.agent_id,
  why: row.why,
  first_seen_at: row.first_seen_at,
  seen_at: row.seen_at,
})
