import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { when, where } from './fleet-rows.ts'

/** Every agent with the names it also goes by. */
export const readAgentNames = async (ctx: QueryContext, at: Date | null) => {
  const [agents, aliases] = await Promise.all([
    read.agents(ctx.db, { ...when(at), ended: true }),
    read.agentAliases(ctx.db, when(at)),
  ])
  const names = Map.groupBy(aliases, (row) => row.agent_id)
  return agents.map((row) => ({
    agentId: row.agent_id,
    ended: row.ended !== null,
    names: (names.get(row.agent_id) ?? []).map((alias) => alias.alias),
  }))
}

const paneKey = (row: { socket: string; server_start_epoch_s: number | null; pane_id: string }): string =>
  `${row.socket}:${row.server_start_epoch_s ?? ''}:${row.pane_id}`

/** What the store knows about one agent: its verdict, its pane, its processes, its session, its aliases. */
export const readAgentEvidence = async (ctx: QueryContext, at: Date | null, agentId: string) => {
  const all = await read.agents(ctx.db, { ...when(at), ended: true })
  const found = all.find((row) => row.agent_id === agentId)
  if (!found) throw new Error(`${agentId} vanished while it was read`)
  const { verdict, ...agent } = found
  const place = where(at, agent.machine_id)
  const [panes, processes, sessions, aliases] = await Promise.all([
    read.panes(ctx.db, place),
    read.agentProcesses(ctx.db, place),
    agent.session_id === null ? [] : read.agentSessions(ctx.db, { ...place, sessionId: agent.session_id }),
    read.agentAliases(ctx.db, place),
  ])
  return {
    agent,
    state: verdict,
    pane: panes.find((row) => paneKey(row) === agent.pane_key) ?? null,
    processes: processes.filter(
      (row) => row.root_pid === agent.root_pid && row.root_start_ticks === agent.root_start_ticks,
    ),
    session: sessions.find((row) => row.cli === agent.cli) ?? null,
    aliases: aliases.filter((row) => row.agent_id === agentId),
  }
}
