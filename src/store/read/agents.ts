import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { type At, overPicture, picture, pictureSource } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { AgentAliasRow, AgentRow, AgentStateEventRow, AgentStateRow } from './rows/agents.ts'
import { AgentSessionRow } from './rows/sessions.ts'

export type AgentWithState = AgentRow & { readonly verdict: AgentStateRow | null }

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

/** Agents that have not ended with the last verdict on each; `verdict` is null for one never judged. */
export const agents = async (db: Db, question: MachineQuestion = {}): Promise<AgentWithState[]> => {
  const about = { at: question.at, params: { machine: question.machineId ?? null } }
  const where = `${ON_MACHINE} AND ended IS NULL`
  const [list, verdicts] = await Promise.all([
    picture<AgentRow>(db, 'agents', AgentRow, { ...about, where, orderBy: 'machine_id, agent_id' }),
    livingStates(db, question),
  ])
  const byAgent = new Map(verdicts.map((row) => [row.agent_id, row]))
  return list.map((row) => ({ ...row, verdict: byAgent.get(row.agent_id) ?? null }))
}

export interface OfAgents extends MachineQuestion {
  readonly agentId?: string
  readonly agentIds?: readonly string[]
}

const ofAgents = ({ at, machineId, agentId, agentIds }: OfAgents) => ({
  at,
  where: `${ON_MACHINE} AND ($agent IS NULL OR agent_id = $agent)${agentIds ? ' AND agent_id IN (SELECT unnest(string_split($ids, chr(1))))' : ''}`,
  params: {
    ...{ machine: machineId ?? null, agent: agentId ?? null },
    ...(agentIds ? { ids: agentIds.join('\u0001') } : {}),
  },
})

/** Agents without verdicts, ended or not. */
export const agentsEver = (db: Db, question: OfAgents = {}): Promise<AgentRow[]> =>
  picture<AgentRow>(db, 'agents', AgentRow, { ...ofAgents(question), orderBy: 'machine_id, agent_id' })

/** Verdicts outlive their agents, and of half a year there are some ten thousand: those of who lives are a few hundred. */
const livingStates = async (db: Db, { at, machineId }: MachineQuestion): Promise<AgentStateRow[]> =>
  picture(db, 'latest_agent_states', AgentStateRow, {
    at,
    where: `${ON_MACHINE} AND agent_id IN (SELECT agent_id FROM ${await pictureSource(db, 'agents', at)} WHERE ended IS NULL)`,
    reads: ['agents'],
    params: { machine: machineId ?? null },
    orderBy: 'machine_id, agent_id',
  })

export interface CalledAgent {
  readonly agentId: string
  readonly ended: boolean
  /** The aliases that the name is, or that end in a part it begins. */
  readonly names: readonly string[]
}

interface CalledRow {
  readonly agent_id: string
  readonly ended: boolean
  readonly names_json: string | null
}

/** Who a name may mean: the beginning of an id, of what follows its slash or its last dash, or of the end of an alias. */
export const agentsCalled = async (db: Db, name: string, { at }: At = {}): Promise<CalledAgent[]> => {
  const [agents, aliases] = [await pictureSource(db, 'agents', at), await pictureSource(db, 'agent_aliases', at)]
  const rows = await db.rows<CalledRow>(
    `SELECT a.agent_id, a.ended IS NOT NULL AS ended, to_json(n.names)::VARCHAR AS names_json FROM ${agents} AS a
     LEFT JOIN (SELECT agent_id, list(alias) AS names FROM ${aliases}
       WHERE alias = $name OR starts_with(split_part(alias, ':', -1), $name) GROUP BY agent_id) AS n ON n.agent_id = a.agent_id
     WHERE n.names IS NOT NULL OR starts_with(a.agent_id, $name) OR starts_with(split_part(a.agent_id, '-', -1), $name)
       OR starts_with(substr(a.agent_id, strpos(a.agent_id, '/') + 1), $name)
     ORDER BY a.machine_id, a.agent_id`,
    { name },
  )
  return rows.map((row) => ({
    ...{ agentId: row.agent_id, ended: row.ended },
    names: row.names_json === null ? [] : (JSON.parse(row.names_json) as string[]),
  }))
}

/** A longer name is near to none. */
const NAME_CHARS = 200

/**
 * For a name that no agent bears: those it is nearest to, by their ids or by what stands behind the machine in them, and the
 * first `few`, the living first; by machine and id. With how many there are.
 */
export const agentsNear = async (
  db: Db,
  name: string,
  { at, few }: At & { readonly few: number },
): Promise<{ readonly agents: CalledAgent[]; readonly total: number }> => {
  const away = (id: string): string =>
    `CASE WHEN starts_with(lower(${id}), $name) AND length($name) > 1 THEN 0.5 ELSE levenshtein(lower(${id}), $name) END`
  const best = (order: string, limit: number): string => `(SELECT * FROM a ORDER BY ${order} LIMIT ${limit})`
  const rows = await db.rows<Pick<CalledRow, 'agent_id' | 'ended'> & { total: number }>(
    `WITH a AS MATERIALIZED (
       SELECT agent_id, ended IS NOT NULL AS ended, machine_id, ${away('agent_id')} AS whole,
         ${away("substr(agent_id, strpos(agent_id, '/') + 1)")} AS part
       FROM ${await pictureSource(db, 'agents', at)} AS every)
     SELECT agent_id, ended, (SELECT count(*)::INTEGER FROM a) AS total FROM (
       ${best('ended, machine_id, agent_id', Math.trunc(few))} UNION ${best('agent_id', Math.trunc(few))}
       UNION ${best('whole, ended, machine_id, agent_id', 1)} UNION ${best('least(whole, part), agent_id', 1)})
     ORDER BY machine_id, agent_id`,
    { name: name.toLowerCase().slice(0, NAME_CHARS) },
  )
  const agents = rows.map((row) => ({ agentId: row.agent_id, ended: row.ended, names: [] }))
  return { agents, total: rows[0]?.total ?? 0 }
}

/** Whether any agent has been seen that ended by then. */
export const hasEndedAgents = async (db: Db, { at, machineId }: MachineQuestion = {}): Promise<boolean> => {
  const rows = await db.rows(
    `SELECT 1 FROM ${await pictureSource(db, 'agents', at)} WHERE ${ON_MACHINE} AND ended IS NOT NULL LIMIT 1`,
    { machine: machineId ?? null },
  )
  return rows.length > 0
}

/** One agent by its id, ended or not; straight from the table, as an action must know it. */
export const agentNamed = async (db: Db, agentId: string): Promise<AgentRow | null> => {
  const rows = await db.rows<AgentRow>(
    `SELECT ${names(Object.keys(AgentRow.shape))} FROM agents WHERE agent_id = $agent`,
    { agent: agentId },
  )
  return rows[0] ?? null
}

export const agentStates = (db: Db, question: OfAgents = {}): Promise<AgentStateRow[]> =>
  picture(db, 'latest_agent_states', AgentStateRow, { ...ofAgents(question), orderBy: 'machine_id, agent_id' })

export const agentAliases = (db: Db, question: OfAgents = {}): Promise<AgentAliasRow[]> =>
  picture(db, 'agent_aliases', AgentAliasRow, { ...ofAgents(question), orderBy: 'machine_id, alias' })

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

export interface SessionQuestion extends MachineQuestion {
  readonly sessionId?: string | undefined
  readonly cli?: string | undefined
  readonly activeSince?: Date | undefined
  /** Only sessions in one of these folders; null: in one nobody knows. */
  readonly cwds?: readonly (string | null)[] | undefined
}

const ofSession = (question: SessionQuestion) => ({
  where: `${ON_MACHINE} AND ($session IS NULL OR session_id = $session) AND ($cli IS NULL OR cli = $cli)
    ${question.activeSince ? `AND last_activity_at >= ${time(question.activeSince)}` : ''}
    ${question.cwds ? "AND coalesce(cwd, '') IN (SELECT unnest(string_split($cwds, chr(1))))" : ''}`,
  params: {
    ...{ machine: question.machineId ?? null, session: question.sessionId ?? null, cli: question.cli ?? null },
    ...(question.cwds ? { cwds: question.cwds.map((cwd) => cwd ?? '').join('\u0001') } : {}),
  },
})

/** Sessions, the most recently active first. */
export const agentSessions = (
  db: Db,
  question: SessionQuestion & { readonly limit?: number | undefined } = {},
): Promise<AgentSessionRow[]> => {
  const limit = question.limit === undefined ? '' : ` LIMIT ${Math.trunc(question.limit)}`
  return picture(db, 'agent_sessions', AgentSessionRow, {
    ...{ at: question.at, ...ofSession(question) },
    orderBy: `last_activity_at DESC NULLS LAST, machine_id, session_id${limit}`,
  })
}

export const countSessions = async (db: Db, question: SessionQuestion): Promise<number> => {
  const { where, params } = ofSession(question)
  const sql = (from: string): string => `SELECT count(*)::INTEGER AS n FROM ${from} WHERE ${where}`
  const [row] = await overPicture<{ n: number }>(db, 'agent_sessions', question.at, sql, params)
  return row?.n ?? 0
}
