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
  /** It shows a conversation that has no first prompt yet: whatever session it had is not its own any more. */
  readonly beginsAnew: boolean
  readonly cliVersion: string | null
  /** Its processes are gone since the table was read: what is joined to it now is its last word. */
  readonly hasLeft: boolean
}

export interface JoinInput {
  readonly now: Date
  readonly bootId: string | null
  readonly processes: readonly Row[]
  readonly panes: readonly Row[]
  readonly sightings: readonly Row[]
  readonly sessions: readonly Row[]
  /** As known before this look; those that ended, too. */
  readonly agents: readonly Row[]
}

const isRoot = (row: Row): boolean =>
  row.gone !== true && row.detached !== true && row.pid === row.root_pid && numberOf(row, 'start_ticks') !== null

/** No process of it is left since the process table was read. */
const hasLeft = (process: Row, { sightings }: JoinInput): boolean =>
  sightings.some(
    (row) =>
      row.tier === 'death' &&
      row.gone !== true &&
      numberOf(row, 'pid') === numberOf(process, 'pid') &&
      numberOf(row, 'start_ticks') === numberOf(process, 'start_ticks'),
  )

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
  /** Undefined: the CLI does not say. */
  readonly beginsAnew?: boolean
}

/** Codex has the thread open that it shows, and writes it down at its first prompt. */
const isUnwritten = (word: Row, { sightings, sessions }: JoinInput): boolean =>
  ![...sessions, ...sightings.filter((row) => row.sighting_source === 'codex.threads' && row.gone !== true)].some(
    (row) => row.cli === 'codex' && row.session_id === word.session_id,
  )

/** The CLI's own word: a sighting that names this pid and start time. */
const byProcess = (process: Row, input: JoinInput): Named | null => {
  const { sightings, sessions } = input
  const own = sightings.find(
    (row) =>
      row.gone !== true &&
      row.tier !== 'death' &&
      numberOf(row, 'pid') === numberOf(process, 'pid') &&
      numberOf(row, 'start_ticks') === numberOf(process, 'start_ticks'),
  )
  const sessionId = own === undefined ? null : textOf(own, 'session_id')
  if (own === undefined || sessionId === null) return null
  const isLock = own.sighting_source === 'codex.locks'
  if (isLock && isUnwritten(own, input)) return { sessionId: null, cliVersion: null, beginsAnew: true }
  const session = sessions.find((row) => row.cli === process.cli && row.session_id === sessionId)
  const cliVersion = textOf(own, 'cli_version') ?? (session ? textOf(session, 'cli_version') : null)
  return { sessionId, cliVersion, ...(isLock ? { beginsAnew: false } : {}) }
}

const isOf = (agent: Row, process: Row): boolean =>
  numberOf(agent, 'root_pid') === numberOf(process, 'pid') &&
  numberOf(agent, 'root_start_ticks') === numberOf(process, 'start_ticks')

/** Agents that were seen in its directory beside it, and until when; those that live have no end. */
const besides = (process: Row, started: Date, roots: readonly Row[], input: JoinInput) => {
  const first = input.agents.find((agent) => isOf(agent, process))
  // Whoever is gone when it is first seen was there before it, not beside it.
  const fromMs = Math.max(started.getTime(), ((first && dateOf(first, 'first_seen')) ?? input.now).getTime())
  const endMs = (agent: Row): number =>
    roots.some((root) => isOf(agent, root)) ? Number.POSITIVE_INFINITY : (dateOf(agent, 'ended') ?? input.now).getTime()
  return input.agents
    .filter((agent) => agent.cli === process.cli && agent.cwd === process.cwd && !isOf(agent, process))
    .map((agent) => ({
      sessionId: textOf(agent, 'session_id'),
      endMs: endMs(agent),
      // Its terminal is closed and its turn goes on: it begins nothing any more.
      outlives: dateOf(agent, 'ended') === null && !roots.some((root) => isOf(agent, root)),
    }))
    .filter((other) => other.endMs > fromMs)
}

/** A UUID of version 7 tells when it was made; Codex names its threads so, and writes them down at their first prompt. */
const madeAt = (sessionId: string): Date | null => {
  const [, high = '', low = ''] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(sessionId) ?? []
  return high === '' ? null : new Date(Number.parseInt(high + low, 16))
}

/** A thread of which Codex's own index told: its rollout is read more seldom. */
const toldThread = (row: Row): readonly Row[] => {
  const [id, cwd, active] = [textOf(row, 'session_id'), textOf(row, 'cwd'), dateOf(row, 'as_of')]
  if (row.sighting_source !== 'codex.threads' || row.gone === true || id === null || cwd === null) return []
  return [{ cli: 'codex', session_id: id, cwd, started_at: madeAt(id), last_activity_at: active, is_subagent: false }]
}

const activeAt = (session: Row): number =>
  (dateOf(session, 'last_activity_at') ?? dateOf(session, 'started_at'))?.getTime() ?? 0

/** Sessions as their transcripts tell of them, and where a CLI's index knows more, as that does. */
const sessionsOf = ({ sessions, sightings }: JoinInput): readonly Row[] => {
  const told = new Map(sightings.flatMap(toldThread).map((row) => [row.session_id, row]))
  const read = sessions.map((session) => {
    const word = session.cli === 'codex' ? told.get(session.session_id) : undefined
    if (word === undefined) return session
    told.delete(session.session_id)
    return activeAt(word) > activeAt(session) ? { ...session, last_activity_at: new Date(activeAt(word)) } : session
  })
  return [...read, ...told.values()]
}

/** CLIs whose session begins with their process. */
const BEGIN_TOGETHER: ReadonlySet<string> = new Set(['codex', 'gemini'])
/** Gemini takes a dozen seconds on a busy machine. */
const TOGETHER_MS = 20_000

/** The session that began with this process and with none other, where it has no other yet. */
function byStart(
  process: Row,
  roots: readonly Row[],
  sessions: readonly Row[],
  agents: readonly Row[],
): Row | undefined {
  const hasOther = (root: Row): boolean =>
    agents.some((agent) => isOf(agent, root) && textOf(agent, 'session_id') !== null)
  if (!BEGIN_TOGETHER.has(cliOfRow(process)) || hasOther(process)) return undefined
  const began = (session: Row): Date | null =>
    madeAt(textOf(session, 'session_id') ?? '') ?? dateOf(session, 'started_at')
  const together = (root: Row, session: Row): boolean => {
    const [at, from] = [began(session)?.getTime(), dateOf(root, 'started_at')?.getTime()]
    return at !== undefined && from !== undefined && at >= from - 1_000 && at <= from + TOGETHER_MS
  }
  const taken = new Set(agents.map((agent) => textOf(agent, 'session_id')))
  const free = sessions.filter((session) => !taken.has(textOf(session, 'session_id')))
  const [own, ...more] = free.filter((session) => together(process, session))
  const alone = own !== undefined && roots.filter((root) => !hasOther(root) && together(root, own)).length === 1
  return alone && more.length === 0 ? own : undefined
}

/** Titles are looked at every two seconds, and a busy machine writes late. */
const SAME_MOMENT_MS = 5_000

/** Since when the title over this process says what it says; only Codex dates its turns besides. */
const turnedAt = (process: Row, { panes, sightings }: JoinInput): number | null => {
  const pane = paneOf(process, panes)
  const key = pane === null ? null : paneKeyOf(pane)
  const title = sightings.find(
    (row) => row.sighting_source === 'codex.title' && row.gone !== true && key !== null && row.pane_key === key,
  )
  return (title && dateOf(title, 'since')?.getTime()) ?? null
}

/** The session that was begun anew in this process: its turn began or ended as this title turned, and no other. */
function byTurn(process: Row, roots: readonly Row[], sessions: readonly Row[], input: JoinInput): Row | undefined {
  const owned = new Set(input.agents.map((agent) => textOf(agent, 'session_id')))
  const turned = (root: Row, session: Row): boolean => {
    const at = turnedAt(root, input)
    return at !== null && Math.abs(at - activeAt(session)) <= SAME_MOMENT_MS
  }
  const lastOf = (root: Row): number => {
    const id = input.agents.find((agent) => isOf(agent, root))?.session_id
    return Math.max(0, ...sessions.filter((session) => session.session_id === id).map(activeAt))
  }
  const [own, ...more] = sessions.filter(
    (session) =>
      !owned.has(textOf(session, 'session_id')) &&
      turned(process, session) &&
      // Its own session explains that turn as well.
      Math.abs(lastOf(process) - activeAt(session)) > 2 * SAME_MOMENT_MS,
  )
  const alone = own !== undefined && roots.filter((root) => turned(root, own)).length === 1
  return alone && more.length === 0 ? own : undefined
}

/**
 * Where the CLI names no process, a session belongs to the only process of that CLI in its directory, if it was active
 * since that process was alone there; of several processes, to the one it began with, or whose title turned with its turn.
 * Two candidates: nobody's.
 */
const byDirectory = (process: Row, roots: readonly Row[], input: JoinInput): Named | null => {
  const cwd = textOf(process, 'cwd')
  const cli = cliOfRow(process)
  const started = dateOf(process, 'started_at')
  if (cwd === null || started === null || cli === 'claude') return null
  const here = roots.filter((other) => cliOfRow(other) === cli && textOf(other, 'cwd') === cwd)
  const others = besides(process, started, roots, input)
  // What was active beside another may be the other's. What is known as the other's stays so: a turn outlives its terminal.
  const sinceMs = Math.max(started.getTime(), ...others.flatMap(({ endMs, outlives }) => (outlives ? [] : [endMs])))
  const taken = new Set(others.map(({ sessionId }) => sessionId))
  const sessions = sessionsOf(input).filter(
    (session) =>
      session.cli === cli &&
      session.cwd === cwd &&
      session.is_subagent !== true &&
      !taken.has(textOf(session, 'session_id')),
  )
  const own =
    here.length > 1
      ? (byStart(process, here, sessions, input.agents) ?? byTurn(process, here, sessions, input))
      : sessions.filter((session) => activeAt(session) >= sinceMs).sort((a, b) => activeAt(b) - activeAt(a))[0]
  return own === undefined ? null : { sessionId: textOf(own, 'session_id'), cliVersion: textOf(own, 'cli_version') }
}

/** CLIs that write a session down at its first prompt, not when it is begun. */
const WRITE_LATE: ReadonlySet<string> = new Set(['codex', 'opencode'])

/** Its screen came to show an empty conversation after the session it had was last active: another was begun. */
function showsEmpty(process: Row, named: Named | null, input: JoinInput): boolean {
  const pane = paneOf(process, input.panes)
  const emptyAt = pane === null ? null : dateOf(pane, 'screen_changed_at')
  const rule = pane === null ? null : textOf(pane, 'screen_rule')
  if (emptyAt === null || !WRITE_LATE.has(cliOfRow(process)) || !rule?.startsWith(`${process.cli}.screen.fresh@`))
    return false
  const sessionId = named?.sessionId ?? input.agents.find((agent) => isOf(agent, process))?.session_id ?? null
  const words = input.sightings.filter((row) => row.session_id === sessionId && row.gone !== true)
  const sessions = input.sessions.filter((row) => row.cli === process.cli && row.session_id === sessionId)
  const lastMs = Math.max(...sessions.map(activeAt), ...words.map((row) => dateOf(row, 'as_of')?.getTime() ?? 0))
  return sessionId !== null && emptyAt.getTime() > lastMs
}

/** Session roots among the agent processes of the newest table. Detached background servers are no agents. */
export function liveRoots(input: JoinInput): readonly LiveRoot[] {
  const roots = input.processes.filter(isRoot)
  return roots.map((process) => {
    const own = byProcess(process, input)
    const named = own ?? byDirectory(process, roots, input)
    const beginsAnew = own?.beginsAnew ?? showsEmpty(process, named, input)
    return {
      cli: cliOfRow(process),
      pid: numberOf(process, 'pid') ?? 0,
      startTicks: numberOf(process, 'start_ticks') ?? 0,
      bootId: textOf(process, 'boot_id') ?? input.bootId,
      tty: textOf(process, 'tty'),
      cwd: textOf(process, 'cwd'),
      startedAt: dateOf(process, 'started_at'),
      pane: paneOf(process, input.panes),
      sessionId: beginsAnew ? null : (named?.sessionId ?? null),
      beginsAnew,
      cliVersion: named?.cliVersion ?? null,
      hasLeft: hasLeft(process, input),
    }
  })
}

export const processAlias = (root: LiveRoot): string => `proc:${root.bootId ?? ''}:${root.pid}:${root.startTicks}`
export const sessionAlias = (cli: string, sessionId: string): string => `session:${cli}:${sessionId}`
export const paneAlias = (pane: Row): string => `pane:${paneKeyOf(pane)}`
