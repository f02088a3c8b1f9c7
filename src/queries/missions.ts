import * as z from 'zod'
import { LANES, MISSION_STATUSES, PRIORITIES } from '../core/missions/mission.ts'
import { STANDINGS } from '../core/missions/progress.ts'
import { defineQuery, warning } from './define.ts'
import { atParam, flag, momentOf } from './params.ts'
import { type MissionLook, readMissionDetail, readMissions } from './rows-missions.ts'
import { count, isoTime, microusd, pct, tokens } from './shapes.ts'

const standing = z.enum(STANDINGS)
const standings = z.strictObject(
  Object.fromEntries(STANDINGS.map((name) => [name, count])) as Record<(typeof STANDINGS)[number], typeof count>,
)
const ms = z.number().int().min(0)

const missionLine = z.object({
  mission: z.string(),
  title: z.string(),
  standing: standing.describe('where it stands; pending ones by why'),
  status: z.enum(MISSION_STATUSES),
  type: z.string(),
  lane: z.enum(LANES),
  priority: z.enum(PRIORITIES),
  event_type: z.string().nullable().describe('what it tells of (vc event); null: work'),
  to_agent: z.string().nullable(),
  to_role: z.string().nullable(),
  machine: z.string().nullable(),
  convoy: z.string().nullable(),
  bead: z.string().nullable(),
  depends_on: z.array(z.string()),
  waits_on: z.array(
    z.object({
      mission: z.string(),
      status: z.string(),
      dead: z.boolean().describe('failed or cancelled: waits for a person'),
    }),
  ),
  attempts: count,
  attempts_allowed: count,
  claimed_by: z.string().nullable(),
  claimed_at: isoTime.nullable(),
  lease_until: isoTime.nullable(),
  heartbeat_at: isoTime.nullable(),
  not_before: isoTime.nullable(),
  timeout_ms: ms.nullable(),
  created_at: isoTime,
  created_by: z.string(),
  finished_at: isoTime.nullable(),
  finished_by: z.string().nullable(),
  failure: z.object({ code: z.string(), message: z.string().nullable() }).nullable(),
  input_tokens: tokens.nullable().describe('as reported, all attempts; null: never reported'),
  output_tokens: tokens.nullable(),
  cost_microusd: microusd.nullable(),
  work_ms: ms.nullable().describe('between claim and report, all attempts'),
})

const spent = {
  missions_reporting: count.describe('ended missions that reported tokens'),
  input_tokens: tokens.nullable().describe('null: nobody reported any'),
  output_tokens: tokens.nullable(),
  cost_microusd: microusd.nullable(),
  work_ms: ms,
}

export const convoyOfMissions = z.object({
  convoy: z.string(),
  title: z.string(),
  lane: z.enum(LANES),
  status: z.enum(['empty', 'pending', 'active', 'completed', 'stopped']),
  total: count,
  counts: standings,
  done_pct: pct.nullable().describe('of those that were not cancelled'),
  created_at: isoTime,
  created_by: z.string(),
})

const worktreeLine = z.object({
  machine: z.string(),
  path: z.string(),
  repo: z.string(),
  branch: z.string(),
  base_branch: z.string(),
  status: z.enum(['active', 'finished', 'merged', 'needs_cleanup', 'removed']),
  detail: z.string().nullable(),
  agent: z.string().nullable(),
  mission: z.string().nullable(),
  bead: z.string().nullable(),
  base_commit: z.string().nullable(),
  head_commit: z.string().nullable(),
  merge_commit: z.string().nullable(),
  snapshot_ref: z.string().nullable().describe('where its last commit stays reachable'),
  created_at: isoTime,
  finished_at: isoTime.nullable(),
  merged_at: isoTime.nullable(),
  removed_at: isoTime.nullable(),
})

const detail = z.object({
  mission: missionLine,
  dependents: z.array(z.string()).describe('open missions that wait on it'),
  texts: z.array(z.object({ kind: z.string(), attempt: count, ts: isoTime, author: z.string(), body: z.string() })),
  history: z.array(
    z.object({
      at: isoTime,
      status: z.string(),
      attempts: count,
      claimed_by: z.string().nullable(),
      failure: z.string().nullable(),
    }),
  ),
})

export const batchesParam = {
  batches: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(50)
    .describe('most convoys of missions listed that have no open mission, the newest; all others are'),
}

export const missions = defineQuery({
  name: 'missions',
  version: 1,
  summary: 'The queue of missions: what is ready, blocked, running, failed, by whom; convoys and worktrees',
  params: z.strictObject({
    ...atParam,
    id: z.string().optional().describe('one mission with its texts and history'),
    standing: standing.optional().describe('only missions that stand so'),
    convoy: z.string().optional().describe('only missions of this convoy'),
    agent: z.string().optional().describe('only missions held by or addressed to this agent'),
    role: z.string().optional().describe('only missions addressed to this role'),
    type: z.string().optional(),
    events: flag.describe('only events (vc event)'),
    all: flag.describe('ended missions too, the newest first'),
    limit: z.coerce.number().int().min(1).max(10_000).default(200),
    ...batchesParam,
  }),
  data: z.object({
    counts: standings.describe('of all missions'),
    by_lane: z.array(z.object({ lane: z.enum(LANES), ready: count, running: count, blocked: count })),
    spent: z.object(spent).describe('by ended missions'),
    oldest_ready_s: z.number().int().min(0).nullable().describe('how long the oldest ready one waits'),
    missions: z.array(missionLine).describe('open ones in the order of the queue'),
    more: z.boolean(),
    convoys: z.array(convoyOfMissions),
    convoys_total: count.describe('convoys, before batches'),
    worktrees: z.array(worktreeLine).describe('made by vc, not removed'),
    detail: detail.nullable(),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const look: MissionLook = { ...params, at, now: at ?? ctx.now }
    const found = await readMissions(ctx, look)
    const one = params.id === undefined ? null : await readMissionDetail(ctx, look, params.id)
    const missing = params.id !== undefined && one === null
    return {
      data: { ...found, detail: one },
      warnings: [
        ...(missing ? [warning('unknown_mission', 'there is no such mission', 'vc robot missions --all')] : []),
        ...(found.counts.lapsed > 0
          ? [
              warning(
                'claims_lapsed',
                `${found.counts.lapsed} claimed missions had no heartbeat in time`,
                'they go back to the queue with the next claim, or within seconds where a daemon runs',
              ),
            ]
          : []),
      ],
    }
  },
})
