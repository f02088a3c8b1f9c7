import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { remembered } from './remembered.ts'
import { AgentAliasRow, AgentRow, AgentStateEventRow, AgentStateRow } from './rows/agents.ts'
import { AgentSessionRow } from './rows/sessions.ts'

export interface AgentQuestion extends MachineQuestion {
  /** Agents that ended are left out unless asked for. */
  readonly ended?: boolean
}

export type AgentWithState = AgentRow & { readonly verdict: AgentStateRow | null }

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

/** Agents with the last verdict on each; `verdict` is null for one never judged. */
export const agents = async (db: Db, question: AgentQuestion = {}): Promise<AgentWithState[]> => {
  const about = { at: question.at, params: { machine: question.machineId ?? null } }
  const where = question.ended ? ON_MACHINE : `${ON_MACHINE} AND ended IS NULL`
  const [list, verdicts] = await Promise.all([
    picture<AgentRow>(db, 'agents', AgentRow, { ...about, where, orderBy: 'machine_id, agent_id' }),
    question.ended || question.at !== undefined ? agentStates(db, question) : livingStates(db, question.machineId),
  ])
  const byAgent = new Map(verdicts.map((row) => [row.agent_id, row]))
  return list.map((row) => ({ ...row, verdict: byAgent.get(row.agent_id) ?? null }))
}

/** Every agent there ever was, without verdicts: to find out who a name means. */
export const agentsEver = (
  db: Db,
  question: MachineQuestion & { readonly agentId?: string } = {},
): Promise<AgentRow[]> =>
  picture<AgentRow>(db, 'agents', AgentRow, {
    at: question.at,
    where: `${ON_MACHINE} AND ($agent IS NULL OR agent_id = $agent)`,
    params: { machine: question.machineId ?? null, agent: question.agentId ?? null },
    orderBy: 'machine_id, agent_id',
  })

/** Verdicts outlive their agents, and of half a year there are some ten thousand: those of who lives are a few hundred. */
const livingStates = (db: Db, machineId: string | undefined): Promise<AgentStateRow[]> =>
  remembered(
    db,
    ['latest_agent_states', 'agents'],
    `SELECT ${names(Object.keys(AgentStateRow.shape))} FROM latest_agent_states
     WHERE ${ON_MACHINE} AND agent_id IN (SELECT agent_id FROM agents WHERE ended IS NULL) ORDER BY machine_id, agent_id`,
    { machine: machineId ?? null },
  )

/** One agent by its id, ended or not; straight from the table, as an action must know it. */
export const agentNamed = async (db: Db, agentId: string): Promise<AgentRow | null> => {
  const rows = await db.rows<AgentRow>(
    `SELECT ${names(Object.keys(AgentRow.shape))} FROM agents WHERE agent_id = $agent`,
    { agent: agentId },
  )
  return rows[0] ?? null
}

export const agentStates = (db: Db, question: MachineQuestion = {}): Promise<AgentStateRow[]> =>
  picture(db, 'latest_agent_states', AgentStateRow, {
    at: question.at,
    where: ON_MACHINE,
    params: { machine: question.machineId ?? null },
    orderBy: 'machine_id, agent_id',
  })

export const agentAliases = (db: Db, question: MachineQuestion = {}): Promise<AgentAliasRow[]> =>
  picture(db, 'agent_aliases', AgentAliasRow, {
    at: question.at,
    where: ON_MACHINE,
    params: { machine: question.machineId ?? null },
    orderBy: 'machine_id, alias',
  })

/** Changes of state, newest first. */
export const agentStateEvents = (
  db: Db,
  question: {
    readonly since: Date
    readonly until?: Date | undefined
    readonly agentId?: string | undefined
    readonly machineId?: string | undefined
    readonly limit?: number
  },
): Promise<AgentStateEventRow[]> => {
  const until = question.until ? `AND event_at <= ${time(question.until)}` : ''
  return db.rows<AgentStateEventRow>(
    `SELECT ${names(Object.keys(AgentStateEventRow.shape))} FROM agent_state_events
     WHERE event_at >= ${time(question.since)} ${until} AND ${ON_MACHINE} AND ($agent IS NULL OR agent_id = $agent)
     ORDER BY event_at DESC, agent_id LIMIT ${Math.trunc(question.limit ?? 1000)}`,
    { machine: question.machineId ?? null, agent: question.agentId ?? null },
  )
}

/** Sessions, the most recently active first. */
export const agentSessions = (
  db: Db,
  question: MachineQuestion & { readonly sessionId?: string | undefined; readonly activeSince?: Date | undefined } = {},
): Promise<AgentSessionRow[]> => {
  const active = question.activeSince ? `AND last_activity_at >= ${time(question.activeSince)}` : ''
  return picture(db, 'agent_sessions', AgentSessionRow, {
    at: question.at,
    where: `${ON_MACHINE} AND ($session IS NULL OR session_id = $session) ${active}`,
    params: { machine: question.machineId ?? null, session: question.sessionId ?? null },
    orderBy: 'last_activity_at DESC NULLS LAST, machine_id, session_id',
  })
}
