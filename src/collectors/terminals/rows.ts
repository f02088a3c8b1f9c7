import type { Row, RowBatch } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { textCell } from '../row-cells.ts'
import { type Holder, holderOf } from './holder.ts'
import type { TerminalsText } from './parse.ts'

type Held = Exclude<Holder, { readonly is: 'tmux' }>

interface Seat {
  readonly agent: Row
  readonly held: Held
  readonly command: string
}

const seatOf = (text: TerminalsText, agent: Row): readonly Seat[] => {
  const chain = text.chains.get(Number(agent.pid)) ?? []
  const first = chain[0]
  // another process has that pid now, or it moved to another terminal: the next probe says what is there
  const same = text.os !== 'Linux' || first?.start === String(agent.start_ticks)
  if (first === undefined || !same || first.tty !== textCell(agent.tty)) return []
  const held = holderOf(text, chain)
  return held === null || held.is === 'tmux' ? [] : [{ agent, held, command: first.comm }]
}

/** Sessions and panes that hold these agents: one pane for each terminal, however many agents share it. */
export const terminalBatches = (text: TerminalsText, agents: readonly Row[]): readonly RowBatch[] => {
  const seats = new Map(
    agents
      .toSorted((a, b) => Number(b.start_ticks ?? 0) - Number(a.start_ticks ?? 0))
      .flatMap((agent) => seatOf(text, agent))
      .map((seat) => [paneId(seat.held), seat] as const),
  )
  const own = [...seats.values()]
  const sessions = new Map(own.map(({ held }) => [`${held.socket}\0${held.sessionId}`, held]))
  return [
    { table: 'pty_sessions', rows: [...sessions.values()].map(sessionRow) },
    { table: 'pty_panes', rows: own.map(paneRow) },
  ]
}

/** The picture of a machine where no agent sits on such a terminal any more. */
export const noTerminals = (): readonly RowBatch[] => [
  { table: 'pty_sessions', rows: [] },
  { table: 'pty_panes', rows: [] },
]

const paneId = ({ leader }: Held): string => displayText(`${leader.tty ?? ''}:${leader.pid}:${leader.start}`)

const placeOf = (held: Held): Row => ({
  socket: displayText(held.socket, 4096),
  server_pid: held.serverPid,
  server_start_epoch_s: null,
  session_id: displayText(held.sessionId),
  session_name: held.sessionName === null ? null : displayText(held.sessionName),
  attached_clients: held.attachedClients,
  gone: false,
})

const sessionRow = (held: Held): Row => ({ ...placeOf(held), created_at: null, panes: held.is === 'pty' ? 1 : null })

const UNSEEN: Row = Object.fromEntries(
  (
    'window_name title dead_status dead_signal active alternate_on in_mode width height history_size window_activity_at ' +
    'screen_hash screen_changed_at screen_cli screen_state screen_rule screen_reason screen_until dialog_hash'
  )
    .split(' ')
    .map((name) => [name, null]),
)

const paneRow = ({ agent, held, command }: Seat): Row => ({
  ...UNSEEN,
  ...placeOf(held),
  pane_id: paneId(held),
  window_index: held.windowIndex,
  pane_index: held.paneIndex,
  pane_pid: held.leader.pid,
  tty: textCell(agent.tty),
  current_command: displayText(command, 64),
  current_path: textCell(agent.cwd),
  dead: false,
})
