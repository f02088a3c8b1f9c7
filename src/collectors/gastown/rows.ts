import type { Row, RowBatch } from '../../core/rows.ts'
import { textCell } from '../row-cells.ts'
import type { GtAgent, GtStatus } from './status.ts'

/** What vc knows of terminals and of who sits in them. */
export interface PanesAround {
  readonly panes: readonly Row[]
  /** Agent ids by pane alias. */
  readonly agentIds: ReadonlyMap<string, string>
}

export const paneKeyOf = (row: Row): string =>
  `${textCell(row.socket) ?? ''}:${row.server_start_epoch_s === null || row.server_start_epoch_s === undefined ? '' : String(row.server_start_epoch_s)}:${textCell(row.pane_id) ?? ''}`

/** Town sessions repeat their names across towns, so the socket decides; of several panes the one with a known agent. */
const paneOf = (agent: GtAgent, socket: string | null, around: PanesAround): Row | null => {
  if (agent.session === null || socket === null) return null
  const own = around.panes.filter((row) => row.session_name === agent.session && isSocket(textCell(row.socket), socket))
  const known = own.filter((row) => around.agentIds.has(`pane:${paneKeyOf(row)}`))
  return (known.length > 0 ? known : own)[0] ?? null
}

/** gt says the whole path of its socket, or older ones its name only. */
const isSocket = (path: string | null, said: string): boolean =>
  path === said || (!said.startsWith('/') && path?.split('/').at(-1) === said)

const agentRow = (town: string, agent: GtAgent, socket: string | null, around: PanesAround): Row => {
  const pane = paneOf(agent, socket, around)
  const paneKey = pane === null ? null : paneKeyOf(pane)
  return {
    town,
    address: agent.address,
    rig: agent.rig,
    role: agent.role,
    name: agent.name,
    session_name: agent.session,
    socket,
    pane_key: paneKey,
    agent_id: paneKey === null ? null : (around.agentIds.get(`pane:${paneKey}`) ?? null),
    running: agent.running,
    state: agent.state,
    has_work: agent.hasWork,
    hook_bead: agent.hookBead,
    work_title: agent.workTitle,
    cli_info: agent.info,
    gone: false,
  }
}

/** The picture of one town. Unread mail is not in it: gt counts it only in its slow form. */
export const townBatches = (town: string, status: GtStatus, around: PanesAround): readonly RowBatch[] => {
  const { town: facts } = status
  const scope = town
  return [
    {
      table: 'gastown_towns',
      scope,
      rows: [
        {
          town,
          name: facts.name,
          daemon_running: facts.daemonRunning,
          dolt_running: facts.doltRunning,
          dolt_port: facts.doltPort,
          tmux_socket: facts.tmuxSocket,
          tmux_running: facts.tmuxRunning,
          rigs: facts.rigs,
          polecats: facts.polecats,
          crew: facts.crew,
          active_hooks: facts.activeHooks,
          gone: false,
        },
      ],
    },
    {
      table: 'gastown_agents',
      scope,
      rows: status.agents.map((agent) => agentRow(town, agent, facts.tmuxSocket, around)),
    },
    {
      table: 'gastown_hooks',
      scope,
      rows: status.hooks.map(({ address, rig, role, hasWork, molecule, title }) => ({
        ...{ town, address, rig, role, molecule, title },
        has_work: hasWork,
        gone: false,
      })),
    },
    {
      table: 'gastown_merge_queues',
      scope,
      rows: status.queues.map(({ rig, pending, inFlight, blocked, state, health }) => ({
        ...{ town, rig, pending, blocked, state, health },
        in_flight: inFlight,
        gone: false,
      })),
    },
  ]
}

export const mergeRequestBatch = (town: string, rig: string, rows: readonly Row[]): RowBatch => ({
  table: 'gastown_merge_requests',
  scope: `${town}:${rig}`,
  rows: rows.map((row) => ({ ...row, town })),
})

export const convoyBatch = (town: string, rows: readonly Row[]): RowBatch => ({
  table: 'gastown_convoys',
  scope: town,
  rows: rows.map((row) => ({ ...row, town })),
})

const TOWN_TABLES = ['gastown_towns', 'gastown_agents', 'gastown_hooks', 'gastown_merge_queues'] as const

/** Where every town was read, their pictures together are the whole one, which costs the store far less than parts. */
export const wholePicture = (batches: readonly RowBatch[]): readonly RowBatch[] => {
  const isPart = ({ table }: RowBatch): boolean => TOWN_TABLES.some((name) => name === table)
  return [
    ...TOWN_TABLES.map((table) => ({
      table,
      rows: batches.filter((batch) => batch.table === table).flatMap(({ rows }) => rows),
    })),
    ...batches.filter((batch) => !isPart(batch)),
  ]
}

/** A town that is no longer there takes its work with it; the rest goes with the whole picture. */
export const goneBatches = (town: string, rigs: readonly string[]): readonly RowBatch[] => [
  { table: 'gastown_convoys', scope: town, rows: [] },
  ...rigs.map((rig) => mergeRequestBatch(town, rig, [])),
]
