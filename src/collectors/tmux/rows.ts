import type { AgentCli } from '../../core/agent.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { instantOf, textCell, timeOf } from '../row-cells.ts'
import { readScreen, type ScreenReading } from '../screens/index.ts'
import type { PaneRecord } from './pane.ts'
import type { ServerText } from './parse.ts'
import { dialogHash, plainScreen, screenHash } from './screen.ts'
import { paneKey, type Settled } from './settled.ts'

/** What vc already knew when it looked. */
export interface Before {
  /** Rows of `latest_pty_panes`, by `paneKey`. */
  readonly panes: ReadonlyMap<string, Row>
  /** Rows of `pending_dialogs`, by socket and pane. */
  readonly dialogs: ReadonlyMap<string, Row>
  /** Terminal to the CLI that runs there. */
  readonly clis: ReadonlyMap<string, AgentCli>
  /** Keys of panes whose stored screen is still the one to be seen. */
  readonly settled: ReadonlyMap<string, Settled>
  readonly at: Date
}

/** Whether a stored row is about the same pane of the same server: ids start again at %0 with a new one. */
const samePane = (row: Row | undefined, pane: PaneRecord): boolean =>
  row !== undefined &&
  Number(row.server_start_epoch_s ?? -1) === (pane.serverStartS ?? -1) &&
  Number(row.pane_pid ?? -1) === (pane.panePid ?? -1)

export const sessionRows = (server: ServerText): readonly Row[] => {
  const bySession = Map.groupBy(server.panes, (pane) => pane.sessionId)
  return [...bySession].flatMap(([sessionId, panes]) => {
    const first = panes[0]
    if (first === undefined) return []
    return [
      {
        socket: server.socket,
        server_pid: first.serverPid,
        server_start_epoch_s: first.serverStartS,
        session_id: sessionId,
        session_name: displayText(first.sessionName),
        created_at: instantOf(first.sessionCreatedS),
        attached_clients: first.attachedClients,
        panes: panes.length,
        gone: false,
      },
    ]
  })
}

/** One pane with what its screen showed, and the dialog on it where there is one. */
export interface PaneRows {
  readonly pane: Row
  readonly dialog: Row | null
}

export const paneRows = (server: ServerText, pane: PaneRecord, before: Before): PaneRows => {
  const key = paneKey(server.socket, pane.paneId)
  const stored = before.panes.get(key)
  const old = samePane(stored, pane) ? stored : undefined
  const captured = server.screens.get(pane.paneId)
  if (captured === undefined) {
    const screen = old !== undefined && before.settled.get(key)?.key === pane.key ? carried(old) : NO_SCREEN
    return { pane: { ...placeOf(server, pane), ...screen }, dialog: null }
  }
  const plain = plainScreen(captured)
  const reading = readScreen({
    screen: plain,
    ansi: captured,
    title: pane.title,
    currentCommand: pane.command,
    width: pane.width ?? 0,
    cli: (pane.tty === null ? undefined : before.clis.get(pane.tty)) ?? null,
  })
  const hash = screenHash(plain)
  const changedAt = old?.screen_hash === hash ? (old.screen_changed_at ?? before.at) : before.at
  const shown = { screen_hash: hash, screen_changed_at: changedAt, ...readingColumns(reading) }
  return { pane: { ...placeOf(server, pane), ...shown }, dialog: dialogRow(server.socket, pane, reading, before) }
}

const placeOf = (server: ServerText, pane: PaneRecord): Row => ({
  socket: server.socket,
  server_pid: pane.serverPid,
  server_start_epoch_s: pane.serverStartS,
  pane_id: pane.paneId,
  session_id: pane.sessionId,
  session_name: displayText(pane.sessionName),
  window_index: pane.windowIndex,
  window_name: displayText(pane.windowName),
  pane_index: pane.paneIndex,
  pane_pid: pane.panePid,
  tty: pane.tty === null ? null : displayText(pane.tty, 64),
  current_command: displayText(pane.command, 64),
  current_path: displayText(pane.path, 4096) || null,
  title: displayText(pane.title),
  dead: pane.dead,
  dead_status: pane.deadStatus,
  dead_signal: pane.deadSignal,
  active: pane.active,
  alternate_on: pane.alternateOn,
  in_mode: pane.inMode,
  attached_clients: pane.attachedClients,
  width: pane.width,
  height: pane.height,
  history_size: pane.historySize,
  window_activity_at: instantOf(pane.windowActivityS),
  gone: false,
})

const SCREEN_COLUMNS = [
  'screen_hash',
  'screen_changed_at',
  'screen_cli',
  'screen_state',
  'screen_rule',
  'screen_reason',
  'screen_until',
  'dialog_hash',
] as const

const NO_SCREEN: Row = Object.fromEntries(SCREEN_COLUMNS.map((name) => [name, null]))

const carried = (row: Row): Row => Object.fromEntries(SCREEN_COLUMNS.map((name) => [name, row[name] ?? null]))

const readingColumns = (reading: ScreenReading | null): Row => ({
  screen_cli: reading?.cli ?? null,
  screen_state: reading?.state ?? null,
  screen_rule: reading?.rule ?? null,
  screen_reason: reading?.reason ?? null,
  screen_until: reading?.until ?? null,
  dialog_hash: reading?.dialog ? dialogHash(reading.dialog) : null,
})

const dialogRow = (socket: string, pane: PaneRecord, reading: ScreenReading | null, before: Before): Row | null => {
  const dialog = reading?.dialog
  if (!dialog) return null
  const hash = dialogHash(dialog)
  const stored = before.dialogs.get(paneKey(socket, pane.paneId))
  const since = textCell(stored?.dialog_hash) === hash ? timeOf(stored?.first_seen_at) : null
  return {
    socket,
    pane_id: pane.paneId,
    dialog_hash: hash,
    title: displayText(dialog.title),
    body_redacted: dialog.body
      .split('\n')
      .map((line) => displayText(line, 500))
      .join('\n')
      .slice(0, 4096),
    options_json: JSON.stringify(dialog.options.slice(0, 20).map((option) => displayText(option, 200))),
    first_seen_at: since === null ? before.at : new Date(since),
    last_seen_at: before.at,
  }
}
