import { across } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { picture } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { EngineEventRow, EngineOrphanRow, ManagedAgentRow, PoolQueueRow } from './rows/engine.ts'

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

/** Agents that vc keeps, stopped ones too; forgotten ones only when asked for. */
export const managedAgents = (
  db: Db,
  question: MachineQuestion & { readonly forgotten?: boolean } = {},
): Promise<ManagedAgentRow[]> =>
  picture(db, 'managed_agents', ManagedAgentRow, {
    at: question.at,
    where: question.forgotten ? ON_MACHINE : `${ON_MACHINE} AND wanted <> 'forgotten'`,
    params: { machine: question.machineId ?? null },
    orderBy: 'machine_id, agent_id',
  })

/** What its owner wants of an agent that vc keeps; null: vc keeps none of this id. */
export const wantedOf = async (db: Db, agentId: string): Promise<string | null> => {
  const sql = 'SELECT wanted FROM managed_agents WHERE agent_id = $agent'
  return (await db.rows<{ wanted: string }>(sql, { agent: agentId }))[0]?.wanted ?? null
}

/** Spawns that wait for a place, in no particular order. */
export const poolQueue = (db: Db, question: MachineQuestion = {}): Promise<PoolQueueRow[]> =>
  picture(db, 'pool_queue', PoolQueueRow, {
    at: question.at,
    where: `${ON_MACHINE} AND status = 'waiting'`,
    params: { machine: question.machineId ?? null },
    orderBy: 'asked_at, request_id',
  })

/** Processes of vc's agents that nobody owns any more, the largest first. */
export const engineOrphans = (db: Db, question: MachineQuestion = {}): Promise<EngineOrphanRow[]> =>
  picture(db, 'engine_orphans', EngineOrphanRow, {
    at: question.at,
    where: `${ON_MACHINE} AND gone_at IS NULL`,
    params: { machine: question.machineId ?? null },
    orderBy: 'rss_bytes DESC NULLS LAST, machine_id, pid',
  })

export interface EngineEventSpan {
  readonly since: Date
  readonly until?: Date | undefined
  readonly agentId?: string | undefined
  readonly limit: number
}

/** What happened to agents that vc keeps, newest first. */
export const engineEvents = (db: Db, span: EngineEventSpan): Promise<EngineEventRow[]> => {
  const until = span.until ? `AND collected_at <= ${time(span.until)}` : ''
  const from = across(db, 'engine_events', 'collected_at', span.since.getTime(), span.until?.getTime() ?? Date.now())
  return db.rows<EngineEventRow>(
    `SELECT ${names(Object.keys(EngineEventRow.shape))} FROM ${from}
     WHERE collected_at >= ${time(span.since)} ${until} AND ($agent IS NULL OR agent_id = $agent)
     ORDER BY collected_at DESC, ts DESC, event_id LIMIT ${Math.trunc(span.limit)}`,
    { agent: span.agentId ?? null },
  )
}

/** Audit id of the newest action by which a person agreed to this agent's policy; null: there is none. */
export const mandateOf = async (db: Db, agentId: string): Promise<string | null> => {
  const [row] = await db.rows<{ audit_id: string }>(
    `SELECT audit_id FROM audit_events
     WHERE step = 'result' AND origin = 'person' AND outcome NOT IN ('refused', 'outcome_unknown')
       AND verb IN ('agent.spawn', 'agent.recover', 'agent.restart')
       AND (agent_id = $agent OR contains(params_json, $quoted))
     ORDER BY ts DESC, audit_id LIMIT 1`,
    { agent: agentId, quoted: JSON.stringify(agentId) },
  )
  return row?.audit_id ?? null
}
