import { type AgentHealth, agentHealth } from '../oracle/agent-health.ts'
import { planRecovery, type RecoveryPlan } from '../oracle/recovery.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { leftMachines, when } from './fleet-rows.ts'

/** An agent that vc keeps, with everything that was collected about it anyway. */
export interface KeptAgent {
  readonly row: read.ManagedAgentRow
  readonly health: AgentHealth
  readonly recovery: RecoveryPlan | null
  readonly overhead: Overhead | null
}

/** What a standing agent costs, whether it has something to do or not. */
export interface Overhead {
  readonly memBytes: number | null
  readonly cpuPct: number | null
  /** Of the last 24 hours; null: its session is not known. */
  readonly tokens24h: number | null
  readonly costMicrousd24h: number | null
}

const DAY_MS = 86_400_000

const ms = (iso: string | null | undefined): number | null => (iso ? Date.parse(iso) : null)
const latest = (...times: readonly (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}

interface Around {
  readonly panes: ReadonlyMap<string, read.PaneRow>
  readonly samples: ReadonlyMap<string, read.AgentProcessSampleRow>
  readonly processes: ReadonlyMap<string, read.AgentProcessRow>
  readonly states: ReadonlyMap<string, read.AgentStateRow>
  readonly sightings: readonly read.SightingRow[]
  /** The agent as all who look at agents know it: what it wraps may have another process than its terminal. */
  readonly roots: ReadonlyMap<string, read.AgentRow>
}

const processKey = (machine: string, pid: number | null, ticks: number | null): string => `${machine}:${pid}:${ticks}`
const paneKey = (machine: string, socket: string | null, start: number | null, pane: string | null): string =>
  `${machine}:${socket}:${start}:${pane}`

const around = async (
  ctx: QueryContext,
  at: Date | null,
  machineId: string | undefined,
  agentIds: readonly string[],
): Promise<Around> => {
  const question = { ...when(at), ...(machineId === undefined ? {} : { machineId }) }
  const [panes, samples, processes, states, sightings, agents] = await Promise.all([
    read.panes(ctx.db, question),
    read.agentProcessSamples(ctx.db, question),
    read.agentProcesses(ctx.db, question),
    read.agentStates(ctx.db, { ...question, agentIds }),
    read.agentSightings(ctx.db, question),
    read.agentsEver(ctx.db, { ...question, agentIds }),
  ])
  return {
    panes: new Map(
      panes.map((row) => [paneKey(row.machine_id, row.socket, row.server_start_epoch_s, row.pane_id), row]),
    ),
    samples: new Map(samples.map((row) => [processKey(row.machine_id, row.root_pid, row.root_start_ticks), row])),
    processes: new Map(processes.map((row) => [processKey(row.machine_id, row.pid, row.start_ticks), row])),
    states: new Map(states.map((row) => [row.agent_id, row])),
    sightings,
    roots: new Map(agents.map((row) => [row.agent_id, row])),
  }
}

const heartbeatOf = (row: read.ManagedAgentRow, sightings: readonly read.SightingRow[]): number | null => {
  const own = sightings.filter(
    (one) =>
      one.machine_id === row.machine_id &&
      ((one.pid !== null && one.pid === row.pane_pid && one.start_ticks === row.pane_start_ticks) ||
        (one.session_id !== null && one.session_id === row.session_id)),
  )
  return latest(...own.map((one) => ms(one.as_of)))
}

/** What was judged of an earlier life of the agent says nothing about this one. */
const stateSince = (row: read.ManagedAgentRow, { states }: Around): string | null => {
  const judged = states.get(row.agent_id)
  return judged === undefined || (ms(judged.judged_at) ?? 0) < (ms(row.started_at) ?? 0) ? null : judged.state
}

const healthOf = (row: read.ManagedAgentRow, about: Around, nowMs: number): AgentHealth => {
  const pane = about.panes.get(paneKey(row.machine_id, row.socket, row.server_start, row.pane_id))
  const root = about.roots.get(row.agent_id)
  const key = processKey(row.machine_id, root?.root_pid ?? row.pane_pid, root?.root_start_ticks ?? row.pane_start_ticks)
  const sample = about.samples.get(key)
  const process = about.processes.get(key)
  return agentHealth(
    {
      status: row.status,
      state: stateSince(row, about),
      endedWhy: row.status_reason,
      seenAliveAtMs: latest(ms(row.last_seen_at), ms(process?.collected_at)),
      paneDead: pane?.dead ?? null,
      outputAtMs: ms(pane?.window_activity_at),
      heartbeatAtMs: heartbeatOf(row, about.sightings),
      memBytes: sample?.rss_bytes ?? null,
      cpuPct: sample?.cpu_pct ?? null,
      processes: sample?.processes ?? null,
      stopped: process?.state == null ? null : /^[Tt]/.test(process.state),
    },
    nowMs,
  )
}

const RUNS: ReadonlySet<string> = new Set(['starting', 'running'])

/** What was running when somebody last looked at its machine: whether it still does, nobody knows. */
const unseen = (health: AgentHealth, machineId: string): AgentHealth => ({
  ...health,
  ...{ alive: null, responsive: null, memBytes: null, cpuPct: null, processes: null, idleMs: null, state: 'unknown' },
  why: `nobody looks at ${machineId} any more: it is disabled or left vc.toml`,
})

const overheadOf = async (ctx: QueryContext, now: Date, rows: readonly read.ManagedAgentRow[]) => {
  if (!rows.some((row) => row.schedule_json !== null)) return new Map<string | null, read.UsageTotal>()
  const since = new Date(now.getTime() - DAY_MS)
  const totals = await read.usageTotals(ctx.db, { since, until: now, groupBy: 'agent' })
  return new Map(totals.map((total) => [total.group, total]))
}

/** Whether an agent ran when somebody last looked at its machine, and nobody does any more. */
export const isUnseen = (
  agent: Pick<read.ManagedAgentRow, 'machine_id' | 'status'>,
  left: ReadonlySet<string>,
): boolean => RUNS.has(agent.status) && left.has(agent.machine_id)

/** Agents that vc keeps, with health, plan and cost; pure judgements over rows that exist already. */
export const readKept = async (
  ctx: QueryContext,
  at: Date | null,
  asked: Omit<Parameters<typeof read.managedAgents>[1] & object, 'at'>,
): Promise<readonly KeptAgent[]> => {
  const rows = await read.managedAgents(ctx.db, { ...asked, ...when(at) })
  if (rows.length === 0) return []
  const now = at ?? ctx.now
  const [about, usage, left] = await Promise.all([
    around(
      ctx,
      at,
      asked.machineId,
      rows.map((row) => row.agent_id),
    ),
    overheadOf(ctx, now, rows),
    leftMachines(ctx, at),
  ])
  return rows.map((row) => {
    const seen = healthOf(row, about, now.getTime())
    const health = isUnseen(row, left) ? unseen(seen, row.machine_id) : seen
    const spent = usage.get(row.agent_id)
    return {
      row,
      health,
      recovery: planRecovery({
        status: row.status,
        wanted: row.wanted,
        cli: row.cli,
        sessionId: row.session_id,
        exitCode: row.exit_code,
        statusReason: row.status_reason,
      }),
      overhead:
        row.schedule_json === null
          ? null
          : {
              memBytes: health.memBytes,
              cpuPct: health.cpuPct,
              tokens24h: row.session_id === null ? null : (spent?.total_tokens ?? 0),
              costMicrousd24h: row.session_id === null ? null : (spent?.cost_microusd ?? 0),
            },
    }
  })
}
