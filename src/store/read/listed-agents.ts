import type { Db } from '../db.ts'
import type { AgentWithState } from './agents.ts'
import { overPicture, picture, pictureSource } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { AgentRow, AgentStateRow } from './rows/agents.ts'

/** What agents there ever were are narrowed by. */
export interface ListedQuestion extends MachineQuestion {
  readonly cli?: string | undefined
  readonly states?: readonly string[] | undefined
  /** Of these machines only agents that had ended. */
  readonly left: ReadonlySet<string>
}

const listed = (...values: readonly string[]): string => values.join('\u0001')

const TABLES = ['agents', 'latest_agent_states'] as const

const ofQuestion = async (db: Db, { at, machineId, cli, states, left }: ListedQuestion) => {
  const verdicts = await pictureSource(db, 'latest_agent_states', at)
  return {
    from: (agents: string): string => `(SELECT a.agent_id, a.machine_id, a.ended, coalesce(v.state, 'unknown') AS state
        FROM ${agents} AS a LEFT JOIN ${verdicts} AS v ON v.agent_id = a.agent_id
        WHERE ($machine IS NULL OR a.machine_id = $machine) AND ($cli IS NULL OR a.cli = $cli)
          AND (a.ended IS NOT NULL OR NOT list_contains(string_split($left, chr(1)), a.machine_id)))
      WHERE $states IS NULL OR list_contains(string_split($states, chr(1)), state)`,
    params: {
      ...{ machine: machineId ?? null, cli: cli ?? null, left: listed(...left) },
      states: states === undefined ? null : listed(...states),
    },
  }
}

/** How many agents there are and ever were, by state. */
export const agentsByState = async (db: Db, question: ListedQuestion): Promise<ReadonlyMap<string, number>> => {
  const { from, params } = await ofQuestion(db, question)
  const sql = (agents: string): string =>
    `SELECT state, count(*)::INTEGER AS n FROM ${from(agents)} GROUP BY state ORDER BY state`
  const rows = await overPicture<{ state: string; n: number }>(db, TABLES, question.at, sql, params)
  return new Map(rows.map(({ state, n }) => [state, n]))
}

/** Those that live and the `limit` that ended last, each with the last verdict on it, by machine and id. */
export const agentsLately = async (
  db: Db,
  question: ListedQuestion & { readonly limit: number },
): Promise<AgentWithState[]> => {
  const { at } = question
  const { from, params } = await ofQuestion(db, question)
  const sql = (agents: string): string => `SELECT agent_id FROM ${from(agents)}
    QUALIFY ended IS NULL OR row_number() OVER (PARTITION BY ended IS NULL ORDER BY ended DESC, machine_id, agent_id) <= ${Math.trunc(question.limit)}`
  const chosen = await overPicture<{ agent_id: string }>(db, TABLES, at, sql, params)
  const these = {
    at,
    where: 'agent_id IN (SELECT unnest(string_split($ids, chr(1))))',
    params: { ids: listed(...chosen.map(({ agent_id }) => agent_id)) },
    orderBy: 'machine_id, agent_id',
  }
  const [agents, verdicts] = await Promise.all([
    picture<AgentRow>(db, 'agents', AgentRow, these),
    picture<AgentStateRow>(db, 'latest_agent_states', AgentStateRow, these),
  ])
  const byAgent = new Map(verdicts.map((row) => [row.agent_id, row]))
  return agents.map((row) => ({ ...row, verdict: byAgent.get(row.agent_id) ?? null }))
}
