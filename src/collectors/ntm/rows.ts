import type { Row } from '../../core/rows.ts'
import { textCell } from '../row-cells.ts'
import type { ListedSession } from './list.ts'
import type { NtmEvent, NtmState, PaneState } from './state.ts'

/** What vc knows of the panes of the tmux server ntm talks to (the user's default one). */
export interface TmuxAround {
  readonly panes: readonly Row[]
  /** Agent ids by pane alias. */
  readonly agentIds: ReadonlyMap<string, string>
}

export const isDefaultServer = (row: Row): boolean => textCell(row.socket)?.endsWith('/default') === true

const paneAlias = (row: Row): string =>
  `pane:${textCell(row.socket) ?? ''}:${row.server_start_epoch_s === null ? '' : String(row.server_start_epoch_s)}:${textCell(row.pane_id) ?? ''}`

/** The pane ntm means: `%4` in its database, the bare index of a pane in its feed. */
const paneRow = (around: TmuxAround, session: string | null, pane: string | null): Row | null => {
  if (pane === null) return null
  if (pane.startsWith('%')) return around.panes.find((row) => row.pane_id === pane) ?? null
  const [window, index] = pane.includes('.') ? pane.split('.') : [null, pane]
  const found = around.panes.filter(
    (row) =>
      row.session_name === session &&
      String(row.pane_index) === index &&
      (window === null || String(row.window_index) === window),
  )
  return found.length === 1 ? (found[0] ?? null) : null
}

export const agentIdOf = (around: TmuxAround, session: string | null, pane: string | null): string | null => {
  const row = paneRow(around, session, pane)
  return row === null ? null : (around.agentIds.get(paneAlias(row)) ?? null)
}

/** Where most panes of the session are. */
const commonPath = (around: TmuxAround, session: string): string | null => {
  const paths = around.panes.filter((row) => row.session_name === session).map((row) => textCell(row.current_path))
  const counted = Map.groupBy(
    paths.filter((path) => path !== null),
    (path) => path,
  )
  return [...counted].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? null
}

export const sessionRows = (
  sessions: readonly ListedSession[],
  state: NtmState | null,
  around: TmuxAround,
): readonly Row[] =>
  sessions.map((session) => {
    const known = state?.sessions.get(session.name)
    const panes = state?.panes.filter((pane) => pane.session === session.name) ?? []
    return {
      session_name: session.name,
      label: session.label,
      work_dir: session.workDir ?? known?.workDir ?? commonPath(around, session.name),
      attached: session.attached,
      windows: session.windows,
      panes: session.panes,
      agent_counts_json: session.agents === null ? null : JSON.stringify(session.agents),
      panes_json: panes.length === 0 ? null : JSON.stringify(panes.map((pane) => paneJson(pane, around))),
      health_status: known?.healthStatus ?? null,
      health_reason: known?.healthReason ?? null,
      gone: false,
    }
  })

const paneJson = ({ session, pane, type, variant, state, bead, pendingMail }: PaneState, around: TmuxAround) => ({
  pane,
  agent_id: agentIdOf(around, session, pane),
  type,
  variant,
  state,
  bead,
  pending_mail: pendingMail,
})

/** Sums of one look. States are known only where ntm itself looked within its own limit. */
export const activityRow = (sessions: readonly ListedSession[], state: NtmState | null): Row => {
  const counts = sessions.map(({ agents }) => agents)
  const known = counts.filter((agents) => agents !== null)
  const byType = sums(known.flatMap((agents) => Object.entries(agents)))
  const states = state?.panes.map((pane) => [pane.state, 1] as const) ?? []
  return {
    total_sessions: sessions.length,
    attached_sessions: sessions.every(({ attached }) => attached !== null)
      ? sessions.filter(({ attached }) => attached === true).length
      : null,
    total_agents: known.length === counts.length ? Object.values(byType).reduce((sum, count) => sum + count, 0) : null,
    by_type_json: known.length === counts.length ? JSON.stringify(byType) : null,
    by_state_json: states.length === 0 ? null : JSON.stringify(sums(states)),
  }
}

const sums = (pairs: readonly (readonly [string, number])[]): Record<string, number> => {
  const total: Record<string, number> = Object.create(null) as Record<string, number>
  for (const [name, count] of pairs) total[name] = (total[name] ?? 0) + count
  return { ...total }
}

export const eventRows = (events: readonly NtmEvent[], around: TmuxAround): readonly Row[] =>
  events.map(({ cursor, ts, session, pane, columns }) => ({
    ...columns,
    cursor,
    ts,
    session_name: session,
    pane,
    agent_id: agentIdOf(around, session, pane),
  }))
