import * as z from 'zod'
import { AGENT_ROLES, MODEL_TIERS, ROLE_LABELS, ROLE_NAMES } from '../core/agent-role.ts'
import { ENGINE_EVENT_TYPES, TAKES_PLACE } from '../core/engine.ts'
import { engineEvents, engineOrphans, poolQueue } from '../store/index.ts'
import { defineQuery } from './define.ts'
import { agentOf, agentShape, bytes, lineOf, orphanOf, orphanShape, waitingShape } from './engine-shapes.ts'
import { when } from './fleet-rows.ts'
import { atParam, flag, momentOf, parseMoment } from './params.ts'
import { type KeptAgent, readKept } from './rows-engine.ts'
import { count, isoTime, microusd, tokens } from './shapes.ts'

const countsBy = (agents: readonly KeptAgent[], key: 'role' | 'tier' | 'status'): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { row, isUnseen } of agents) {
    const name = key === 'status' && isUnseen ? 'unseen' : row[key]
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

const fits = (row: KeptAgent['row'], name: string): boolean =>
  row.agent_id === name ||
  row.agent_id.startsWith(name) ||
  row.agent_id.slice(row.agent_id.indexOf('/') + 1).startsWith(name)

/** Agents that vc keeps: what they were started as, how they do, who waits, what happened, what was left behind. */
export const engine = defineQuery({
  name: 'engine',
  version: 1,
  summary: 'Agents that vc keeps: health, places and queue of each machine, recovery plans, orphans and what happened',
  params: z.strictObject({
    ...atParam,
    machine: z.string().optional().describe('only this machine'),
    agent: z.string().optional().describe('only agents whose id (or the part behind the machine) begins so'),
    role: z.string().optional().describe('only this role or label'),
    tier: z.enum(MODEL_TIERS).optional().describe('only this tier'),
    all: flag.describe('forgotten ones too'),
    since: z.string().default('24h').describe('events since: age such as 1h, or ISO time'),
    limit: z.coerce.number().int().min(1).max(1000).default(50).describe('most events'),
  }),
  data: z.strictObject({
    agents: z.array(agentShape),
    by_status: z.record(z.string(), count).describe('unseen: ran when somebody last looked at its machine'),
    by_role: z.record(z.string(), count),
    by_tier: z.record(z.string(), count),
    pools: z.array(
      z.strictObject({
        machine: z.string(),
        limit: count.nullable().describe('null: not known here'),
        taken: count,
        waiting: count,
      }),
    ),
    queue: z.array(waitingShape),
    orphans: z.array(orphanShape),
    orphan_mem_bytes: bytes.nullable().describe('held by orphans whose memory is known; null: of none'),
    standing: z.strictObject({
      agents: count,
      mem_bytes: bytes.nullable(),
      tokens_24h: tokens,
      cost_microusd_24h: microusd,
    }),
    events: z.array(
      z.strictObject({
        ts: isoTime,
        type: z.enum(ENGINE_EVENT_TYPES),
        agent: z.string(),
        machine: z.string(),
        detail: z.string().nullable(),
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    roles: z.array(
      z.strictObject({
        role: z.string(),
        tier: z.enum(MODEL_TIERS),
        about: z.string(),
        tasks: z.array(z.string()),
        labels: z.array(z.string()),
      }),
    ),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const now = at ?? ctx.now
    const question = { ...when(at), ...(params.machine === undefined ? {} : { machineId: params.machine }) }
    const span = { since: parseMoment(params.since, now), ...(at ? { until: at } : {}), limit: params.limit }
    const [kept, queue, orphans, events] = await Promise.all([
      readKept(ctx, at, params.machine, params.all),
      poolQueue(ctx.db, question),
      engineOrphans(ctx.db, question),
      engineEvents(ctx.db, span),
    ])
    const { agent, role, tier } = params
    const shown = kept.filter(
      ({ row }) =>
        (agent === undefined || fits(row, agent)) &&
        (role === undefined || row.role === role || row.label === role) &&
        (tier === undefined || row.tier === tier),
    )
    const ids = new Set(shown.map(({ row }) => row.agent_id))
    const named = agent !== undefined || role !== undefined || tier !== undefined
    const standing = shown.filter((one) => one.overhead !== null)
    return {
      data: {
        agents: shown.map((one) => agentOf(one, now)),
        by_status: countsBy(shown, 'status'),
        by_role: countsBy(shown, 'role'),
        by_tier: countsBy(shown, 'tier'),
        pools: ctx.plan.machines
          .filter(({ machineId, enabled }) => (params.machine === undefined ? enabled : machineId === params.machine))
          .map(({ machineId, maxAgents }) => ({
            machine: machineId,
            limit: maxAgents ?? null,
            taken: kept.filter(({ row }) => row.machine_id === machineId && TAKES_PLACE.has(row.status)).length,
            waiting: queue.filter((row) => row.machine_id === machineId).length,
          })),
        queue: lineOf(queue),
        orphans: orphans.map(orphanOf),
        orphan_mem_bytes: sumOf(orphans.map((row) => row.rss_bytes)),
        standing: {
          agents: standing.length,
          mem_bytes: sumOf(standing.map((one) => one.overhead?.memBytes ?? null)),
          tokens_24h: sumOf(standing.map((one) => one.overhead?.tokens24h ?? null)) ?? 0,
          cost_microusd_24h: sumOf(standing.map((one) => one.overhead?.costMicrousd24h ?? null)) ?? 0,
        },
        events: events
          .filter(
            (event) =>
              (params.machine === undefined || event.machine_id === params.machine) &&
              (!named || ids.has(event.agent_id)),
          )
          .map((event) => ({
            ts: event.ts,
            type: event.type as (typeof ENGINE_EVENT_TYPES)[number],
            agent: event.agent_id,
            machine: event.machine_id,
            detail: event.detail,
            data: JSON.parse(event.data_json) as Record<string, unknown>,
          })),
        roles: ROLE_NAMES.map((name) => ({
          role: name,
          tier: AGENT_ROLES[name].tier,
          about: AGENT_ROLES[name].about,
          tasks: [...AGENT_ROLES[name].tasks],
          labels: Object.keys(ROLE_LABELS).filter((label) => ROLE_LABELS[label] === name),
        })),
      },
    }
  },
})

const sumOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}
