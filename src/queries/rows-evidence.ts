import { AGENT_STATES } from '../core/agent.ts'
import { LISTED } from '../core/nearest.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { when, where } from './fleet-rows.ts'

/** Agents that a name may mean, with the aliases that fit it; where it fits none, some of `total`, the nearest among them. */
export const readAgentNames = async (ctx: Pick<QueryContext, 'db'>, at: Date | null, wanted: string) => {
  const agents = await read.agentsCalled(ctx.db, wanted, when(at))
  return agents.length > 0
    ? { agents, total: agents.length }
    : read.agentsNear(ctx.db, wanted, { ...when(at), few: LISTED })
}

/** Some of the agents vc ever saw, the living first, and how many there are. */
export const readSomeAgents = async (ctx: Pick<QueryContext, 'db'>) => {
  const { agents, total } = await read.agentsNear(ctx.db, '', { few: LISTED })
  return { total, names: agents.toSorted((a, b) => Number(a.ended) - Number(b.ended)).map(({ agentId }) => agentId) }
}

const paneKey = (row: { socket: string; server_start_epoch_s: number | null; pane_id: string }): string =>
  `${row.socket}:${row.server_start_epoch_s ?? ''}:${row.pane_id}`

/** What the store knows about one agent: its verdict, its pane, its processes, its session, its aliases. */
export const readAgentEvidence = async (ctx: QueryContext, at: Date | null, agentId: string) => {
  const [agent] = await read.agentsEver(ctx.db, { ...when(at), agentId })
  if (!agent) throw new Error(`${agentId} vanished while it was read`)
  const place = where(at, agent.machine_id)
  const [verdicts, panes, processes, sessions, aliases] = await Promise.all([
    read.agentStates(ctx.db, { ...place, agentId }),
    read.panes(ctx.db, place),
    read.agentProcesses(ctx.db, place),
    agent.session_id === null ? [] : read.agentSessions(ctx.db, { ...place, sessionId: agent.session_id }),
    read.agentAliases(ctx.db, { ...place, agentId }),
  ])
  return {
    agent,
    state: verdicts[0] ?? null,
    pane: panes.find((row) => paneKey(row) === agent.pane_key) ?? null,
    processes: processes.filter(
      (row) => row.root_pid === agent.root_pid && row.root_start_ticks === agent.root_start_ticks,
    ),
    session: sessions.find((row) => row.cli === agent.cli) ?? null,
    aliases,
  }
}

const DAY_MS = 86_400_000
const CHANGES_BACK_MS = 7 * DAY_MS

const stateOf = (state: string) => AGENT_STATES.find((known) => known === state) ?? ('unknown' as const)

type Evidence = Awaited<ReturnType<typeof readAgentEvidence>>

const readTurns = async (ctx: QueryContext, until: Date, { agent, session }: Evidence, limit: number) => {
  const lastMs = session?.last_activity_at == null ? Number.NaN : Date.parse(session.last_activity_at)
  if (agent.session_id === null || Number.isNaN(lastMs)) return []
  const rows = await read.sessionReplies(ctx.db, {
    machineId: agent.machine_id,
    cli: agent.cli,
    sessionId: agent.session_id,
    since: new Date(Math.min(lastMs, until.getTime()) - DAY_MS),
    until,
    limit,
  })
  return rows.map(({ ts, session_id, is_sidechain, ...row }) => ({
    at: ts,
    session: session_id,
    subagent: is_sidechain,
    ...row,
  }))
}

/** What an agent went through lately: its changes of state, and the replies it got, as figures. */
export const readAgentLately = async (ctx: QueryContext, until: Date, evidence: Evidence, limit: number) => {
  if (limit === 0) return { changes: [], turns: [] }
  const since = new Date(until.getTime() - CHANGES_BACK_MS)
  const [changes, turns] = await Promise.all([
    read.agentStateEvents(ctx.db, { since, until, agentId: evidence.agent.agent_id, limit }),
    readTurns(ctx, until, evidence, limit),
  ])
  return {
    changes: changes.map((row) => ({
      at: row.event_at,
      state: stateOf(row.state),
      reason: row.reason,
      rule: row.rule,
    })),
    turns,
  }
}
