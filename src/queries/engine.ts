import * as z from 'zod'
import { AGENT_ROLES, MODEL_TIERS, ROLE_LABELS, ROLE_NAMES } from '../core/agent-role.ts'
import { ENGINE_EVENT_TYPES, TAKES_PLACE } from '../core/engine.ts'
import { countManaged, engineEvents, engineOrphans, type KeptCount, poolQueue } from '../store/index.ts'
import { defineQuery } from './define.ts'
import { agentOf, agentShape, bytes, lineOf, orphanOf, orphanShape, waitingShape } from './engine-shapes.ts'
import { leftMachines, when } from './fleet-rows.ts'
import { atParam, flag, momentOf, parseMoment } from './params.ts'
import { isUnseen, readKept } from './rows-engine.ts'
import { count, isoTime, microusd, tokens } from './shapes.ts'

const countsBy = (counts: readonly KeptCount[], nameOf: (one: KeptCount) => string): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const one of counts) sums[nameOf(one)] = (sums[nameOf(one)] ?? 0) + one.n
  return sums
}

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
    ended: z.coerce
      .number()
      .int()
      .min(0)
      .max(100_000)
      .default(100)
      .describe('most agents listed that are stopped, refused or forgotten, those that ended last; all others are'),
  }),
  data: z.strictObject({
    agents: z.array(agentShape),
    total: count.describe('agents, before ended'),
    by_status: z
      .record(z.string(), count)
      .describe('before ended; unseen: ran when somebody last looked at its machine'),
    by_role: z.record(z.string(), count).describe('before ended'),
    by_tier: z.record(z.string(), count).describe('before ended'),
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
    const { agent, role, tier } = params
    const asked = { ...question, forgotten: params.all, agent, role, tier }
    const isNarrowed = agent !== undefined || role !== undefined || tier !== undefined
    const span = { since: parseMoment(params.since, now), ...(at ? { until: at } : {}), limit: params.limit }
    const [shown, counts, places, left, queue, orphans, events] = await Promise.all([
      readKept(ctx, at, { ...asked, settled: params.ended }),
      countManaged(ctx.db, asked),
      countManaged(ctx.db, question),
      leftMachines(ctx, at),
      poolQueue(ctx.db, question),
      engineOrphans(ctx.db, question),
      engineEvents(ctx.db, { ...span, machineId: params.machine, ...(isNarrowed ? { kept: asked } : {}) }),
    ])
    const standing = shown.filter((one) => one.overhead !== null)
    return {
      data: {
        agents: shown.map((one) => agentOf(one, now)),
        total: sumOf(counts.map(({ n }) => n)) ?? 0,
        by_status: countsBy(counts, (one) => (isUnseen(one, left) ? 'unseen' : one.status)),
        by_role: countsBy(counts, ({ role }) => role),
        by_tier: countsBy(counts, ({ tier }) => tier),
        pools: ctx.plan.machines
          .filter(({ machineId, enabled }) => (params.machine === undefined ? enabled : machineId === params.machine))
          .map(({ machineId, maxAgents }) => ({
            machine: machineId,
            limit: maxAgents ?? null,
            taken:
              sumOf(
                places.filter((one) => one.machine_id === machineId && TAKES_PLACE.has(one.status)).map(({ n }) => n),
              ) ?? 0,
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
        events: events.map((event) => ({
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
