import { readTitle } from '../collectors/agent-evidence/title.ts'
import type { Row, RowBatch } from '../core/rows.ts'
import { assessAgents } from '../oracle/agent-assess.ts'
import { type Met, withReturned } from './returned-agents.ts'

const TABLES = [
  'latest_agent_processes',
  'latest_pty_panes',
  'latest_agent_sightings',
  'agent_sessions',
  'agents',
  'agent_aliases',
  'latest_agent_states',
] as const

// A verdict is written again when it changed, or once a minute so that its age stays honest.
const RESTATE_MS = 60_000

const restated = (before: Row | undefined, row: Row, now: Date): boolean => {
  if (before === undefined || before.state !== row.state || before.rule !== row.rule || before.reason !== row.reason)
    return true
  const time = (value: unknown): number | null => (value instanceof Date ? value.getTime() : null)
  if (time(before.until_at) !== time(row.until_at)) return true
  // The same again after a turn too short to be met. What a screen tells is dated by its last change, however small.
  if (time(before.since) !== time(row.since) && !String(row.rule).includes('.screen.')) return true
  return !(before.judged_at instanceof Date) || now.getTime() - before.judged_at.getTime() >= RESTATE_MS
}

/** At work, or in a turn that waits for a person. */
const IN_TURN: ReadonlySet<unknown> = new Set(['working', 'needs_approval', 'asked_question'])

const endsTurn = (row: Row, before: Row | undefined): boolean =>
  row.state !== 'working' && before?.state !== row.state && IN_TURN.has(before?.state)

/** The next look at the process table comes by itself not much later. */
const BEGUN_MS = 15_000

const hasBegun = (sightings: readonly Row[], processes: readonly Row[], now: Date): boolean => {
  const idOf = ({ pid, start_ticks }: Row): string => `${pid}:${start_ticks}`
  const seen = new Set(processes.map(idOf))
  return sightings.some(
    (row) =>
      String(row.rule).includes('.registry.fresh@') &&
      row.gone !== true &&
      row.as_of instanceof Date &&
      now.getTime() - row.as_of.getTime() < BEGUN_MS &&
      !seen.has(idOf(row)),
  )
}

/** What is known of a machine, as last committed. */
export interface AgentFacts {
  known(table: string): Promise<readonly Row[]>
  /** Absent: `known` tells of every agent there ever was. */
  readonly met?: Met
  /** How the newest probe ended; null before the first. */
  probe(): Promise<{ readonly up: boolean; readonly partial: boolean } | null>
  /** An agent of this CLI does not work any more, or may not: how its turn ended stands in a file that is read more seldom. */
  turnEnded?(cli: string): void
  /** What the screens showed was overtaken, or an agent is new and nobody looked at its screen. */
  overtaken?(): void
  /** A CLI tells of a process that has just begun and is not in the table yet. */
  begun?(): void
  /** Where agents work now. */
  workIn?(folders: ReadonlySet<string>): void
}

/** Who the agents of a machine are and what they do, computed from its committed rows; ready to be written. */
export const agentBatches = async (
  facts: AgentFacts,
  machineId: string,
  bootId: string | null,
  now: Date,
): Promise<readonly RowBatch[]> => {
  const [processes = [], panes = [], sightings = [], sessions = [], agents = [], aliases = [], states = []] =
    await Promise.all(TABLES.map((table) => facts.known(table)))
  if (processes.length === 0 && agents.length === 0 && sightings.length === 0) return []
  facts.workIn?.(new Set(processes.flatMap(({ cwd }) => (typeof cwd === 'string' ? [cwd] : []))))
  const probe = await facts.probe()
  const asSeen = {
    machineId,
    now,
    bootId,
    processesKnown: probe?.up === true && !probe.partial,
    processes,
    panes,
    sightings,
    sessions,
    agents,
    aliases,
    states,
    readers: { readTitle },
  }
  const outcome = assessAgents(await withReturned(asSeen, facts.met))
  const before = new Map(states.map((row) => [row.agent_id, row]))
  const changed = outcome.states.rows.filter((row) => restated(before.get(row.agent_id ?? ''), row, now))
  const isNew = (row: Row): boolean => row.state === 'unknown' && !before.has(row.agent_id)
  if (outcome.overtaken.length > 0 || changed.some(isNew)) facts.overtaken?.()
  if (hasBegun(sightings, processes, now)) facts.begun?.()
  const ended = changed.filter((row) => endsTurn(row, before.get(row.agent_id ?? ''))).map((row) => row.agent_id)
  const clis = agents
    .filter(({ agent_id }) => ended.includes(agent_id) || outcome.overtaken.includes(String(agent_id)))
    .map(({ cli }) => cli)
  for (const cli of new Set(clis)) if (typeof cli === 'string') facts.turnEnded?.(cli)
  return [outcome.agents, outcome.aliases, { ...outcome.states, rows: changed }]
}
