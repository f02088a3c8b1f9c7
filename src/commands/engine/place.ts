import type { Row, RowBatch } from '../../core/rows.ts'
import type { HostPane, PaneRef } from '../../core/session-host.ts'
import { AGENT_TAG, LAUNCH_TAG } from '../../engine/reconcile.ts'
import type { Managed } from './book.ts'

/** Where an agent's row says it runs; null: nowhere. */
export const refOf = (agent: Managed): PaneRef | null =>
  agent.socket === null ||
  agent.server_start === null ||
  agent.pane_id === null ||
  agent.pane_pid === null ||
  agent.pane_start_ticks === null
    ? null
    : {
        machineId: agent.machine_id,
        socket: agent.socket,
        serverPid: agent.server_pid ?? 0,
        serverStartS: agent.server_start,
        paneId: agent.pane_id,
        pid: agent.pane_pid,
        startTicks: agent.pane_start_ticks,
      }

/** The agent with the place of this terminal. */
export const placedAt = (agent: Managed, { ref, sessionName }: HostPane, bootId: string | null): Managed => ({
  ...agent,
  socket: ref.socket,
  server_pid: ref.serverPid,
  server_start: ref.serverStartS,
  pane_id: ref.paneId,
  pane_pid: ref.pid,
  pane_start_ticks: ref.startTicks,
  session_name: sessionName,
  boot_id: bootId,
})

/** The agent with no place: the old one is not looked for any more. */
export const unplaced = (agent: Managed): Managed => ({
  ...agent,
  server_pid: null,
  server_start: null,
  pane_id: null,
  pane_pid: null,
  pane_start_ticks: null,
})

export const tagsOf = (agent: Managed): Readonly<Record<string, string>> => ({
  [AGENT_TAG]: agent.agent_id,
  [LAUNCH_TAG]: String(agent.launches),
})

/** `claude-7k2m` of `atlas/claude-7k2m`. */
export const sessionNameOf = (agentId: string): string =>
  `vc-${agentId.slice(agentId.indexOf('/') + 1).replaceAll(/[^A-Za-z0-9_-]/g, '-')}`

const cliColumn = (cli: string): string => (cli === 'generic' ? 'other' : cli)

const aliasesOf = (agent: Managed, pane: HostPane): readonly string[] => {
  const { ref } = pane
  const names = [
    `proc:${agent.boot_id ?? ''}:${ref.pid}:${ref.startTicks}`,
    `pane:${ref.socket}:${ref.serverStartS}:${ref.paneId}`,
  ]
  return agent.session_id === null ? names : [...names, `session:${cliColumn(agent.cli)}:${agent.session_id}`]
}

/** Who the agent is, for all who look at agents: its row among them and the names it is known by. */
export const identityRows = (agent: Managed, pane: HostPane, now: Date): readonly RowBatch[] => {
  const { ref } = pane
  const row: Row = {
    agent_id: agent.agent_id,
    machine_id: agent.machine_id,
    cli: cliColumn(agent.cli),
    kind: 'managed',
    first_seen: new Date(agent.created_at),
    ended: null,
    session_id: agent.session_id,
    cwd: agent.worktree ?? agent.cwd,
    boot_id: agent.boot_id,
    root_pid: ref.pid,
    root_start_ticks: ref.startTicks,
    tty: pane.tty?.replace(/^\/dev\//, '') ?? null,
    pane_key: `${ref.socket}:${ref.serverStartS}:${ref.paneId}`,
    session_name: pane.sessionName,
  }
  const aliases = aliasesOf(agent, pane).map((alias) => ({
    machine_id: agent.machine_id,
    alias,
    agent_id: agent.agent_id,
    since: now,
  }))
  return [
    { table: 'agents', rows: [row] },
    { table: 'agent_aliases', rows: aliases },
  ]
}

/** The agent is over, for all who look at agents. */
export const endedRows = (agent: Managed, at: Date): readonly RowBatch[] => [
  {
    table: 'agents',
    rows: [
      {
        agent_id: agent.agent_id,
        machine_id: agent.machine_id,
        cli: cliColumn(agent.cli),
        kind: 'managed',
        first_seen: new Date(agent.created_at),
        ended: at,
      },
    ],
  },
]
