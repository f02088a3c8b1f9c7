import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { ofLooked, where } from './fleet-rows.ts'

export interface OrchestratorQuestion {
  readonly at: Date | null
  readonly machine: string | undefined
  readonly since: Date
  readonly limit: number
}

/** All that session managers and orchestrators say, as the store keeps it. */
export const readOrchestrators = async (ctx: QueryContext, { at, machine, since, limit }: OrchestratorQuestion) => {
  const place = where(at, machine)
  const feed = { ...place, since, limit }
  const now = <Row extends { readonly machine_id: string }>(rows: Promise<Row[]>): Promise<Row[]> =>
    ofLooked(ctx, at, machine, rows)
  const [towns, agents, hooks, queues, requests, convoys, mail, events] = await Promise.all([
    now(read.gastownTowns(ctx.db, place)),
    now(read.gastownAgents(ctx.db, place)),
    now(read.gastownHooks(ctx.db, place)),
    now(read.gastownQueues(ctx.db, place)),
    now(read.gastownMergeRequests(ctx.db, place)),
    now(read.gastownConvoys(ctx.db, place)),
    read.gastownMail(ctx.db, feed),
    read.gastownEvents(ctx.db, feed),
  ])
  const [sessions, activity, noticed] = await Promise.all([
    now(read.ntmSessions(ctx.db, place)),
    now(read.ntmActivity(ctx.db, place)),
    read.ntmEvents(ctx.db, feed),
  ])
  return { towns, agents, hooks, queues, requests, convoys, mail, events, ntm: { sessions, activity, events: noticed } }
}

export interface Role {
  readonly role: string
  readonly rig: string | null
}

/** Roles by agent: by the pane it sits in now, else as the orchestrator's last look joined it. */
export const readRoles = async (
  ctx: QueryContext,
  at: Date | null,
  machine: string | undefined,
): Promise<
  (agent: { readonly machine_id: string; readonly agent_id: string; readonly pane_key: string | null }) => Role | null
> => {
  const rows = await read.gastownAgents(ctx.db, where(at, machine))
  const key = (...parts: readonly string[]): string => parts.join('\u0001')
  const byPane = new Map(
    rows.flatMap((row) => (row.pane_key === null ? [] : [[key(row.machine_id, row.pane_key), row] as const])),
  )
  const byAgent = new Map(rows.flatMap((row) => (row.agent_id === null ? [] : [[row.agent_id, row] as const])))
  return (agent) => {
    const byOwnPane = agent.pane_key === null ? undefined : byPane.get(key(agent.machine_id, agent.pane_key))
    const found = byOwnPane ?? byAgent.get(agent.agent_id)
    return found === undefined ? null : { role: found.role, rig: found.rig }
  }
}
