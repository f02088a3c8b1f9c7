import { randomUUID } from 'node:crypto'
import type { DeedResult, Effect, Refusal } from '../../core/action.ts'
import type { AgentAdapter, Launch } from '../../core/agent-adapter.ts'
import type { RoleName } from '../../core/agent-role.ts'
import type { HostPane, Started } from '../../core/session-host.ts'
import { displayText } from '../../core/text.ts'
import type { Happened, Managed } from './book.ts'
import { identityRows, placedAt, refOf, sessionNameOf, tagsOf, unplaced } from './place.ts'
import type { EnginePorts } from './ports.ts'
import { type RoleTelling, roleArgs } from './role-words.ts'

/** What an adapter is handed besides folder, session and model; kept in `spec_json`. */
export interface StoredSpec {
  readonly extra: readonly string[]
  /** Words for the agent beside its role's, a file on its machine; null: none. */
  readonly promptFile: string | null
}

/** Go on with the CLI's own session where it has one, or begin a new one. */
export type StartHow = 'resume' | 'fresh'

export const specOf = (agent: Managed): StoredSpec => JSON.parse(agent.spec_json) as StoredSpec

const toldOf = (agent: Managed, how: StartHow): RoleTelling => ({
  cli: agent.cli,
  role: agent.role as RoleName,
  file: specOf(agent).promptFile,
  resumes: how === 'resume' && agent.session_id !== null,
  extra: specOf(agent).extra,
})

const launchOf = (agent: Managed, adapter: AgentAdapter, how: StartHow): Launch =>
  adapter.launch({
    cwd: agent.worktree ?? agent.cwd,
    resume: how === 'resume' ? agent.session_id : null,
    newSessionId: how === 'resume' && agent.session_id !== null ? null : randomUUID(),
    model: agent.model,
    permissions: 'ask',
    extra: [...roleArgs(toldOf(agent, how)), ...specOf(agent).extra],
  })

const troubled = (started: Exclude<Started, { is: 'started' }>): Refusal =>
  started.is === 'trouble'
    ? { code: started.code, message: displayText(started.message, 300), fix: started.fix }
    : {
        code: 'start_unknown',
        message: `the way was lost while it was started: ${displayText(started.detail, 300)}`,
        fix: 'vc finds it by itself when the machine answers again: vc agent list',
      }

/** The argv as it is kept: the words of a role are data of vc's, not of this agent. */
const keptArgv = (agent: Managed, how: StartHow, argv: readonly string[]): string => {
  const words = new Set(roleArgs(toldOf(agent, how)))
  return JSON.stringify(argv.map((word) => (words.has(word) && word.includes(' ') ? `<role ${agent.role}>` : word)))
}

export type StartEnd =
  | { readonly is: 'started'; readonly agent: Managed; readonly pane: HostPane }
  | { readonly is: 'not_started'; readonly refusal: Refusal }
  | { readonly is: 'unknown'; readonly refusal: Refusal }

/**
 * Starts an agent on its machine. What is wanted is committed before the terminal opens and its place right after, so that
 * vc may die at any moment and find it again by its tags. Call it in the agent's turn.
 */
export const startAgent = async (
  ports: EnginePorts,
  agentId: string,
  how: StartHow,
  event: Happened['type'],
  why: string,
): Promise<StartEnd> => {
  const { book } = ports
  const before = book.get(agentId)
  const adapter = before === undefined ? null : ports.adapter(before.cli)
  if (before === undefined || adapter === null)
    return {
      is: 'not_started',
      refusal: {
        code: 'no_adapter',
        message: `vc cannot start ${before?.cli ?? agentId}`,
        fix: 'vc agent spawn --help',
      },
    }
  const launch = launchOf(before, adapter, how)
  const at = ports.now().toISOString()
  const starting: Managed = {
    ...unplaced(before),
    argv_json: keptArgv(before, how, launch.argv),
    session_id: launch.sessionId ?? (how === 'resume' ? before.session_id : null),
    launches: before.launches + 1,
    wanted: 'run',
    status: 'starting',
    status_reason: why,
    status_at: at,
    boot_id: await ports.bootId(before.machine_id),
    started_at: at,
    ended_at: null,
    exit_code: null,
    next_restart_at: null,
  }
  await book.change(starting, [])
  const host = await ports.host(before.machine_id)
  const { logMaxBytes: maxBytes, logFiles: files } = ports.keys()
  const started = await host.start({
    name: sessionNameOf(agentId),
    argv: launch.argv,
    cwd: starting.worktree ?? starting.cwd,
    env: { ...launch.env, VC_AGENT: agentId, VC_ROLE: starting.role, VC_HUB: ports.hub },
    passEnv: launch.passEnv,
    tags: tagsOf(starting),
    log: { maxBytes, files },
  })
  if (started.is === 'outcome_unknown') return { is: 'unknown', refusal: troubled(started) }
  if (started.is === 'trouble') return { is: 'not_started', refusal: troubled(started) }
  const agent = await settleStarted(ports, { ...starting, host: host.kind, log_path: started.logPath }, started.pane, {
    type: event,
    detail: why,
    data: { launch: starting.launches, how, durationMs: Math.round(started.durationMs) },
  })
  return { is: 'started', agent, pane: started.pane }
}

/** The agent runs in this terminal: its place, its identity and what happened, in one commit. */
export const settleStarted = async (
  ports: EnginePorts,
  agent: Managed,
  pane: HostPane,
  happened: Happened,
): Promise<Managed> => {
  const now = ports.now()
  const running: Managed = {
    ...placedAt(agent, pane, agent.boot_id),
    status: pane.dead === null ? 'running' : 'starting',
    status_at: now.toISOString(),
    last_seen_at: pane.dead === null ? now.toISOString() : agent.last_seen_at,
  }
  await ports.book.change(running, [happened], identityRows(running, pane, now))
  return running
}

/** Looks whether the agent's terminal stands and its process lives, in the host's own list. */
export const observeRunning = async (ports: EnginePorts, agentId: string): Promise<readonly Effect[]> => {
  const agent = ports.book.get(agentId)
  const [opened, runs] = [`terminal of ${agentId} opened`, `${agentId} runs`]
  const unseen = (what: string): Effect => ({ what, observed: false, evidence: null })
  const ref = agent === undefined ? null : refOf(agent)
  if (agent === undefined || ref === null) return [unseen(opened), unseen(runs)]
  const listed = await (await ports.host(agent.machine_id)).list()
  if (listed.is === 'trouble') return [unseen(opened), unseen(runs)]
  const pane = listed.panes.find(
    (one) => one.ref.paneId === ref.paneId && one.ref.pid === ref.pid && one.ref.startTicks === ref.startTicks,
  )
  const evidence = 'list of terminals'
  return [
    { what: opened, observed: pane !== undefined, evidence },
    { what: runs, observed: pane !== undefined && pane.dead === null, evidence: `${evidence}, pid ${ref.pid}` },
  ]
}

/** Verified when every effect was seen, done when some were, unknown when none. */
export const outcomeOf = (effects: readonly Effect[]): DeedResult['outcome'] => {
  const seen = effects.filter((effect) => effect.observed).length
  if (effects.length > 0 && seen === effects.length) return 'verified'
  return seen > 0 ? 'done' : 'outcome_unknown'
}
