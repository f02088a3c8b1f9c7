import type { AgentWatch } from '../oracle/stuck.ts'
import { type AgentWatchRow, agentWatches } from '../store/index.ts'
import type { QueryContext } from './define.ts'

const ms = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

const watchOf = (row: AgentWatchRow): AgentWatch => ({
  agentId: row.agent_id,
  machineId: row.machine_id,
  cli: row.cli,
  state: row.state,
  reason: row.reason,
  stateSinceMs: ms(row.since),
  lastActivityMs: ms(row.last_activity_at),
  cpuMaxPct: row.cpu_max_pct,
  cpuLooks: row.cpu_looks,
  processes: row.processes,
  contextTokens: row.context_tokens,
  contextWindowTokens: row.context_window_tokens,
  contextPerHour: row.context_per_hour,
  failures: row.failures,
  successes: row.successes,
  crashes: row.crashes,
})

/** Every living agent, as of now. */
export const readAgentWatches = async (ctx: QueryContext): Promise<readonly AgentWatch[]> =>
  (await agentWatches(ctx.db, { now: ctx.now })).map(watchOf)
