import { across } from '../archive-state.ts'
import type { Db } from '../db.ts'
import { names, time } from '../sql.ts'
import { overPicture, picture, pictureSource } from './history.ts'
import type { MachineQuestion } from './pictures.ts'
import { EngineEventRow, EngineOrphanRow, ManagedAgentRow, PoolQueueRow } from './rows/engine.ts'

const ON_MACHINE = '($machine IS NULL OR machine_id = $machine)'

/** What agents that vc keeps are narrowed by. */
export interface KeptQuestion extends MachineQuestion {
  /** Forgotten ones too. */
  readonly forgotten?: boolean
  /** Their ids, or what stands behind the machine in them, begin so. */
  readonly agent?: string | undefined
  /** Only these, by their whole ids. */
  readonly agentIds?: readonly string[]
  /** Role or label. */
  readonly role?: string | undefined
  readonly tier?: string | undefined
}

const ofKept = ({ machineId, forgotten, agent, agentIds, role, tier }: KeptQuestion) => ({
  where: `${ON_MACHINE}${forgotten ? '' : " AND wanted <> 'forgotten'"}
    AND ($agent IS NULL OR starts_with(agent_id, $agent) OR starts_with(substr(agent_id, strpos(agent_id, '/') + 1), $agent))
    AND ($role IS NULL OR role = $role OR label = $role) AND ($tier IS NULL OR tier = $tier)${agentIds ? ' AND agent_id IN (SELECT unnest(string_split($ids, chr(1))))' : ''}`,
  params: {
    ...{ machine: machineId ?? null, agent: agent ?? null, role: role ?? null, tier: tier ?? null },
    ...(agentIds ? { ids: agentIds.join('\u0001') } : {}),
  },
})

/** What nothing happens to any more unless a person asks for it. */
const SETTLED = "(status IN ('stopped', 'forgotten', 'refused') AND schedule_json IS NULL)"

/** Agents that vc keeps, stopped ones too; of these the `settled` that ended last, and one that is named in full. */
export const managedAgents = (
  db: Db,
  question: KeptQuestion & { readonly settled?: number | undefined } = {},
): Promise<ManagedAgentRow[]> => {
  const { where, params } = ofKept(question)
  const few =
    question.settled === undefined
      ? ''
      : `QUALIFY NOT ${SETTLED} OR agent_id = $agent OR row_number() OVER (
           PARTITION BY ${SETTLED} ORDER BY coalesce(ended_at, status_at) DESC, agent_id) <= ${Math.trunc(question.settled)}`
  return picture(db, 'managed_agents', ManagedAgentRow, {
    ...{ at: question.at, where: `${where} ${few}`, params, orderBy: 'machine_id, agent_id' },
  })
}

export interface KeptCount {
  readonly machine_id: string
  readonly status: string
  readonly role: string
  readonly tier: string
  readonly n: number
}

/** How many agents vc keeps, all that stopped among them. */
export const countManaged = (db: Db, question: KeptQuestion = {}): Promise<KeptCount[]> => {
  const { where, params } = ofKept(question)
  const sql = (from: string): string =>
    `SELECT machine_id, status, role, tier, count(*)::INTEGER AS n FROM ${from} WHERE ${where}
     GROUP BY ALL ORDER BY ALL`
  return overPicture<KeptCount>(db, 'managed_agents', question.at, sql, params)
}

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
  readonly machineId?: string | undefined
  /** Only of agents that this question is about. */
  readonly kept?: KeptQuestion | undefined
  readonly limit: number
}

/** What happened to agents that vc keeps, newest first. */
export const engineEvents = async (db: Db, span: EngineEventSpan): Promise<EngineEventRow[]> => {
  const until = span.until ? `AND collected_at <= ${time(span.until)}` : ''
  const from = across(db, 'engine_events', 'collected_at', span.since.getTime(), span.until?.getTime() ?? Date.now())
  const kept = span.kept && ofKept(span.kept)
  const ofThese = kept
    ? `AND agent_id IN (SELECT agent_id FROM ${await pictureSource(db, 'managed_agents', span.kept?.at)} WHERE ${kept.where})`
    : ''
  return db.rows<EngineEventRow>(
    `SELECT ${names(Object.keys(EngineEventRow.shape))} FROM ${from}
     WHERE collected_at >= ${time(span.since)} ${until} AND ($one IS NULL OR agent_id = $one)
       AND ($machine IS NULL OR machine_id = $machine) ${ofThese}
     ORDER BY collected_at DESC, ts DESC, event_id LIMIT ${Math.trunc(span.limit)}`,
    { ...kept?.params, one: span.agentId ?? null, machine: span.machineId ?? null },
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
