import type { Row } from '../core/rows.ts'
import { cliOfRow, dateOf, numberOf, paneKeyOf, terminalOf, textOf } from './agent-rows.ts'

/** One live session: the root of a process tree with everything that can be joined to it. */
export interface LiveRoot {
  readonly cli: string
  readonly pid: number
  readonly startTicks: number
  readonly bootId: string | null
  readonly tty: string | null
  readonly cwd: string | null
  readonly startedAt: Date | null
  readonly pane: Row | null
  readonly sessionId: string | null
  readonly cliVersion: string | null
}

export interface JoinInput {
  readonly bootId: string | null
  readonly processes: readonly Row[]
  readonly panes: readonly Row[]
  readonly sightings: readonly Row[]
  readonly sessions: readonly Row[]
}

const isRoot = (row: Row): boolean =>
  row.gone !== true && row.detached !== true && row.pid === row.root_pid && numberOf(row, 'start_ticks') !== null

/** The pane of a process is the one on its terminal; two panes never share one. */
const paneOf = (process: Row, panes: readonly Row[]): Row | null => {
  const tty = terminalOf(textOf(process, 'tty'))
  if (tty === null) return null
  return (
    panes.find((pane) => pane.gone !== true && pane.dead !== true && terminalOf(textOf(pane, 'tty')) === tty) ?? null
  )
}

interface Named {
  readonly sessionId: string | null
  readonly cliVersion: string | null
}

/** The CLI's own word: a sighting that names this pid and start time. */
const byProcess = (process: Row, sightings: readonly Row[]): Named | null => {
  const own = sightings.find(
    (row) =>
      row.gone !== true &&
      numberOf(row, 'pid') === numberOf(process, 'pid') &&
      numberOf(row, 'start_ticks') === numberOf(process, 'start_ticks'),
  )
  return own === undefined ? null : { sessionId: textOf(own, 'session_id'), cliVersion: textOf(own, 'cli_version') }
}

/**
 * Where the CLI names no process, a session belongs to the only process of that CLI in its directory, if it was active
 * since that process began. Two candidates: nobody's.
 */
const byDirectory = (process: Row, roots: readonly Row[], sessions: readonly Row[]): Named | null => {
  const cwd = textOf(process, 'cwd')
  const cli = cliOfRow(process)
  const started = dateOf(process, 'started_at')
  if (cwd === null || started === null || cli === 'claude') return null
  if (roots.filter((other) => cliOfRow(other) === cli && textOf(other, 'cwd') === cwd).length !== 1) return null
  const active = (session: Row): Date | null => dateOf(session, 'last_activity_at') ?? dateOf(session, 'started_at')
  const own = sessions
    .filter(
      (session) =>
        session.cli === cli &&
        session.cwd === cwd &&
        session.is_subagent !== true &&
        (active(session) ?? started) >= started &&
        active(session) !== null,
    )
    .sort((a, b) => (active(b)?.getTime() ?? 0) - (active(a)?.getTime() ?? 0))[0]
  return own === undefined ? null : { sessionId: textOf(own, 'session_id'), cliVersion: textOf(own, 'cli_version') }
}

/** Session roots among the live agent processes. Detached background servers are no agents. */
export function liveRoots(input: JoinInput): readonly LiveRoot[] {
  const roots = input.processes.filter(isRoot)
  return roots.map((process) => {
    const named = byProcess(process, input.sightings) ?? byDirectory(process, roots, input.sessions)
    return {
      cli: cliOfRow(process),
      pid: numberOf(process, 'pid') ?? 0,
      startTicks: numberOf(process, 'start_ticks') ?? 0,
      bootId: textOf(process, 'boot_id') ?? input.bootId,
      tty: textOf(process, 'tty'),
      cwd: textOf(process, 'cwd'),
      startedAt: dateOf(process, 'started_at'),
      pane: paneOf(process, input.panes),
      sessionId: named?.sessionId ?? null,
      cliVersion: named?.cliVersion ?? null,
    }
  })
}

export const processAlias = (root: LiveRoot): string => `proc:${root.bootId ?? ''}:${root.pid}:${root.startTicks}`
export const sessionAlias = (cli: string, sessionId: string): string => `session:${cli}:${sessionId}`
export const paneAlias = (pane: Row): string => `pane:${paneKeyOf(pane)}`
