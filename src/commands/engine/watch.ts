import { AGENT_STATES, type AgentState } from '../../core/agent.ts'
import type { RestartPolicy, Wanted } from '../../core/engine.ts'
import type { HostPane } from '../../core/session-host.ts'
import { type Expected, type Finding, reconcile } from '../../engine/reconcile.ts'
import { judgeRestart, type RestartVerdict } from '../../engine/restart.ts'
import { agentStateEvents } from '../../store/index.ts'
import type { Managed } from './book.ts'
import { endedRows, refOf, unplaced } from './place.ts'
import type { EnginePorts } from './ports.ts'
import { openSeenSessions, type SeenSession } from './seen-sessions.ts'
import { settleStarted } from './start.ts'

/** What one look at a machine's agents came to. */
export interface Looked {
  /** Null: the machine or its tmux did not answer; nothing is concluded from that. */
  readonly panes: readonly HostPane[] | null
  readonly alive: number
  readonly ended: readonly string[]
  readonly lost: readonly string[]
  readonly detail: string | null
}

/** Agents this process has met alive: the first meeting after a start of vc is told as `readopt`. */
export type Met = Set<string>

const IS_EXPECTED: ReadonlySet<string> = new Set(['starting', 'running'])

const expectedOf = (agent: Managed): Expected => {
  const ref = refOf(agent)
  return { agentId: agent.agent_id, place: ref, launch: String(agent.launches), bootId: agent.boot_id }
}

/** How often `last_seen_at` of a living agent is written; its age is never more wrong than this. */
const SEEN_MS = 60_000

interface Looking {
  readonly met: Met
  readonly sessionOf: SeenSession
}

const meet = async (ports: EnginePorts, agent: Managed, pane: HostPane, { met, sessionOf }: Looking): Promise<void> => {
  const now = ports.now()
  const first = !met.has(agent.agent_id)
  met.add(agent.agent_id)
  if (agent.status === 'starting') {
    await settleStarted(ports, agent, pane, {
      type: agent.launches > 1 ? 'restart' : 'spawn',
      detail: 'vc ended while it was started; found by the tags of its terminal',
      data: { launch: agent.launches },
    })
    return
  }
  const seenMs = agent.last_seen_at === null ? 0 : Date.parse(agent.last_seen_at)
  const due = first || now.getTime() - seenMs >= SEEN_MS
  const session = due || agent.session_id === null ? await sessionOf(agent) : agent.session_id
  if (!due && session === agent.session_id) return
  const readopted = {
    type: 'readopt' as const,
    detail: `pid ${pane.ref.pid} lives, ${pane.historySize} line(s) of history`,
    data: { pid: pane.ref.pid, history: pane.historySize, launch: agent.launches },
  }
  const row: Managed = { ...agent, session_id: session, last_seen_at: now.toISOString() }
  await ports.book.change(row, first ? [readopted] : [])
}

/** Endings kept for the crash-loop judge. */
const MOST_CRASHES = 20

const ended = async (
  ports: EnginePorts,
  agent: Managed,
  finding: Extract<Finding, { is: 'ended' }>,
  sessionOf: SeenSession,
): Promise<void> => {
  const session = await sessionOf(agent)
  const now = ports.now()
  const at = now.toISOString()
  const exitCode = finding.pane?.dead?.status ?? null
  const crashes = [...(JSON.parse(agent.crashes_json) as string[]), at].slice(-MOST_CRASHES)
  const row: Managed = {
    // The place stays while its dead terminal stands: its last screen can be read until it is started again.
    ...(finding.pane === null ? unplaced(agent) : agent),
    session_id: session,
    status: 'crashed',
    status_reason: finding.why,
    status_at: at,
    ended_at: at,
    exit_code: exitCode,
    crashes_json: JSON.stringify(crashes),
  }
  const data = { exit_code: exitCode, signal: finding.pane?.dead?.signal ?? null, launch: agent.launches }
  await ports.book.change(row, [{ type: 'crash', detail: finding.why, data }], endedRows(row, now))
}

const lose = async (ports: EnginePorts, agent: Managed, why: string, sessionOf: SeenSession): Promise<void> => {
  const session = await sessionOf(agent)
  const now = ports.now()
  const row: Managed = {
    ...unplaced(agent),
    session_id: session,
    status: 'lost',
    status_reason: why,
    status_at: now.toISOString(),
    ended_at: now.toISOString(),
    next_restart_at: null,
  }
  await ports.book.change(row, [{ type: 'lost', detail: why, data: { boot_id: agent.boot_id } }], endedRows(row, now))
}

/** The same life in the same terminal: what was listed is about it. */
const isSameLife = (now: Managed, listed: Managed): boolean =>
  now.launches === listed.launches &&
  now.status === listed.status &&
  now.pane_id === listed.pane_id &&
  now.pane_pid === listed.pane_pid

const settle = (ports: EnginePorts, finding: Finding, listed: Managed, looking: Looking): Promise<void> =>
  ports.book.inTurn(finding.agentId, async () => {
    const agent = ports.book.get(finding.agentId)
    // Somebody started or stopped it while the list was taken: the list may be older than its terminal.
    if (agent === undefined || !isSameLife(agent, listed)) return
    if (finding.is === 'alive') return meet(ports, agent, finding.pane, looking)
    looking.met.delete(finding.agentId)
    if (finding.is === 'ended') return ended(ports, agent, finding, looking.sessionOf)
    if (finding.is === 'lost') return lose(ports, agent, finding.why, looking.sessionOf)
  })

/** An ending is told apart from a reboot only by asking which boot this is; asked when something is missing. */
const bootWhenNeeded = async (
  ports: EnginePorts,
  machineId: string,
  expected: readonly Expected[],
  panes: readonly HostPane[],
): Promise<string | null> =>
  reconcile(expected, panes, null).some((finding) => finding.is === 'unknown') ? ports.bootId(machineId) : null

/** One look at the agents of a machine: who lives, who ended, who was lost with a reboot. Trouble of the way concludes nothing. */
export const lookAtAgents = async (ports: EnginePorts, machineId: string, met: Met): Promise<Looked> => {
  const agents = ports.book.on(machineId).filter((agent) => IS_EXPECTED.has(agent.status))
  const nothing: Looked = { panes: null, alive: 0, ended: [], lost: [], detail: null }
  if (agents.length === 0) return nothing
  const rows = new Map(agents.map((agent) => [agent.agent_id, agent]))
  const listed = await (await ports.host(machineId)).list()
  if (listed.is === 'trouble') return { ...nothing, detail: listed.message }
  const expected = agents.map(expectedOf)
  const bootId = await bootWhenNeeded(ports, machineId, expected, listed.panes)
  const findings = reconcile(expected, listed.panes, bootId)
  const looking: Looking = { met, sessionOf: openSeenSessions(ports, machineId, agents) }
  // Together, so that twenty that are found again cost few commits and not twenty.
  await Promise.all(
    findings.map(async (finding) => {
      const listedRow = rows.get(finding.agentId)
      if (listedRow !== undefined) await settle(ports, finding, listedRow, looking)
    }),
  )
  const ids = (is: Finding['is']): readonly string[] =>
    findings.filter((finding) => finding.is === is).map((finding) => finding.agentId)
  return { panes: listed.panes, alive: ids('alive').length, ended: ids('ended'), lost: ids('lost'), detail: null }
}

const isState = (text: string): text is AgentState => (AGENT_STATES as readonly string[]).includes(text)

const LOOK_BACK_MS = 7 * 86_400_000
/** What the oracle says of an ended agent is about its end, not about what it did before. */
const AFTER_DEATH: ReadonlySet<string> = new Set(['dead', 'unknown'])

const lastState = async (ports: EnginePorts, agent: Managed) => {
  const since = new Date(ports.now().getTime() - LOOK_BACK_MS)
  const events = await agentStateEvents(ports.book.store.db, { since, agentId: agent.agent_id, limit: 20 })
  const last = events.find((event) => !AFTER_DEATH.has(event.state))
  return {
    lastState: last !== undefined && isState(last.state) ? last.state : null,
    limitedUntil: last?.until_at ? new Date(last.until_at) : null,
  }
}

const IS_OVER: ReadonlySet<string> = new Set(['crashed', 'backing_off', 'held'])

const STATUS_OF: Readonly<Record<Exclude<RestartVerdict['do'], 'restart'>, Managed['status']>> = {
  wait: 'backing_off',
  hold: 'held',
  give_up: 'crash_loop',
  leave: 'stopped',
}

const EVENT_OF = { hold: 'hold', give_up: 'give_up', leave: 'stop' } as const

const noteVerdict = async (ports: EnginePorts, agent: Managed, verdict: Exclude<RestartVerdict, { do: 'restart' }>) => {
  const status = STATUS_OF[verdict.do]
  const reason = verdict.do === 'wait' ? agent.status_reason : `${endReason(agent)}; ${verdict.why}`
  if (agent.status === status && (verdict.do === 'wait' || agent.status_reason === reason)) return
  const row: Managed = {
    ...agent,
    status,
    status_reason: reason,
    status_at: ports.now().toISOString(),
    next_restart_at: verdict.do === 'wait' ? verdict.until.toISOString() : null,
  }
  await ports.book.change(row, verdict.do === 'wait' ? [] : [{ type: EVENT_OF[verdict.do], detail: verdict.why }])
}

/** After a refusal of the gate the same proposal is made again this much later. */
const AGAIN_MS = 300_000

const rests = (agent: Managed, now: Date): boolean =>
  agent.status === 'held' && agent.next_restart_at !== null && Date.parse(agent.next_restart_at) > now.getTime()

/** The gate did not let its restart through: it is held, and asked for again later, not at every look. */
export const noteRefused = (ports: EnginePorts, agentId: string, why: string): Promise<void> =>
  ports.book.inTurn(agentId, async () => {
    const agent = ports.book.get(agentId)
    if (agent === undefined || !IS_OVER.has(agent.status)) return
    const now = ports.now()
    const reason = `${endReason(agent)}; its restart was refused: ${why}`
    const row: Managed = {
      ...agent,
      status: 'held',
      status_reason: reason,
      status_at: now.toISOString(),
      next_restart_at: new Date(now.getTime() + AGAIN_MS).toISOString(),
    }
    await ports.book.change(row, agent.status_reason === reason ? [] : [{ type: 'hold', detail: reason }])
  })

const endReason = (agent: Managed): string => (agent.status_reason ?? 'it ended').split('; ')[0] ?? 'it ended'

/** Judges the ended agents of a machine: writes down who waits or is given up, and names those that are due now. */
export const dueRestarts = async (ports: EnginePorts, machineId: string): Promise<readonly string[]> => {
  const due: string[] = []
  for (const { agent_id: id } of ports.book.on(machineId).filter((agent) => IS_OVER.has(agent.status)))
    await ports.book.inTurn(id, async () => {
      const agent = ports.book.get(id)
      if (agent === undefined || !IS_OVER.has(agent.status) || rests(agent, ports.now())) return
      const verdict = judgeRestart(
        {
          policy: agent.restart_policy as RestartPolicy,
          wanted: agent.wanted as Wanted,
          startedAt: agent.started_at === null ? null : new Date(agent.started_at),
          endedAt: new Date(agent.ended_at ?? agent.status_at),
          exitCode: agent.exit_code,
          crashes: (JSON.parse(agent.crashes_json) as string[]).map((at) => new Date(at)),
          ...(await lastState(ports, agent)),
        },
        ports.keys().pace,
        ports.now(),
      )
      if (verdict.do === 'restart') due.push(id)
      else await noteVerdict(ports, agent, verdict)
    })
  return due
}
