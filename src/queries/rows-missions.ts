import { LANES, type MissionStatus } from '../core/missions/mission.ts'
import {
  convoyProgress,
  countStandings,
  type MissionStanding,
  type StandingCounts,
  standingOf,
} from '../core/missions/progress.ts'
import * as read from '../store/index.ts'
import type { QueryContext } from './define.ts'
import { missionOf } from './rows-mission.ts'

export interface MissionLook {
  readonly at: Date | null
  /** The moment the answer is about. */
  readonly now: Date
  readonly standing?: MissionStanding | undefined
  readonly convoy?: string | undefined
  readonly agent?: string | undefined
  readonly role?: string | undefined
  readonly type?: string | undefined
  readonly events: boolean
  readonly all: boolean
  readonly limit: number
  /** Most convoys told that have no open mission. */
  readonly batches: number
}

type Row = read.MissionRow

const past = ({ at }: Pick<MissionLook, 'at'>) => (at === null ? {} : { at })
const dependsOn = (row: Row): readonly string[] => JSON.parse(row.depends_on_json) as string[]
const isOpen = (row: Row): boolean => row.status === 'pending' || row.status === 'claimed'

const judged = (row: Row, statusOf: (id: string) => string | undefined, now: Date): MissionStanding =>
  standingOf(missionOf(row), (id) => statusOf(id) as MissionStatus | undefined, now.getTime())

interface Standing {
  readonly row: Row
  readonly standing: MissionStanding
}

const lineOf = ({ row, standing }: Standing, statusOf: (id: string) => string | undefined) => ({
  ...{
    mission: row.mission_id,
    title: row.title,
    standing,
    status: row.status as MissionStatus,
    type: row.mission_type,
  },
  ...{ lane: row.lane as (typeof LANES)[number], priority: row.priority as 'normal', event_type: row.event_type },
  ...{
    to_agent: row.to_agent,
    to_role: row.to_role,
    machine: row.machine_id,
    convoy: row.convoy_id,
    bead: row.bead_id,
  },
  depends_on: [...dependsOn(row)],
  waits_on: dependsOn(row).flatMap((id) => {
    const status = statusOf(id) ?? 'unknown'
    if (!isOpen(row) || status === 'done') return []
    return [{ mission: id, status, dead: status === 'failed' || status === 'cancelled' }]
  }),
  ...{ attempts: row.attempts, attempts_allowed: row.attempts_allowed, claimed_by: row.claimed_by },
  ...{ claimed_at: row.claimed_at, lease_until: row.status === 'claimed' ? row.lease_until : null },
  ...{ heartbeat_at: row.heartbeat_at, not_before: row.not_before, timeout_ms: row.timeout_ms },
  ...{ created_at: row.created_at, created_by: row.created_by },
  ...{ finished_at: row.finished_at, finished_by: row.finished_by },
  failure: row.failure_code === null ? null : { code: row.failure_code, message: row.failure_message },
  ...{ input_tokens: row.input_tokens, output_tokens: row.output_tokens, cost_microusd: row.cost_microusd },
  work_ms: row.work_ms,
})

/** Statuses of open missions and of what they wait on. */
const statusesFor = async (ctx: QueryContext, look: Pick<MissionLook, 'at'>, open: readonly Row[]) => {
  const known = new Map(open.map((row) => [row.mission_id, row.status]))
  const lack = [...new Set(open.flatMap(dependsOn))].filter((id) => !known.has(id))
  for (const row of await read.missionsAmong(ctx.db, { ...past(look), ids: lack }))
    known.set(row.mission_id, row.status)
  return (id: string): string | undefined => known.get(id)
}

const sum = (rows: readonly read.MissionCount[], pick: (row: read.MissionCount) => number | null): number =>
  rows.reduce((total, row) => total + (pick(row) ?? 0), 0)

const ENDS = ['done', 'failed', 'cancelled'] as const

const countsOf = (open: readonly Standing[], ended: readonly read.MissionCount[]): StandingCounts => ({
  ...countStandings(open.map(({ standing }) => standing)),
  ...Object.fromEntries(
    ENDS.map((end) => [
      end,
      sum(
        ended.filter((row) => row.status === end),
        (row) => row.n,
      ),
    ]),
  ),
})

/** Batches of missions with their progress, the newest first: those with open missions, the one asked for, and the last others. */
export const readMissionConvoys = async (
  ctx: QueryContext,
  look: Pick<MissionLook, 'at' | 'now' | 'convoy' | 'batches'>,
) => {
  const open = await read.missions(ctx.db, past(look))
  const always = [look.convoy, ...open.map((row) => row.convoy_id)].filter((id) => typeof id === 'string')
  const { rows, total: all } = await read.convoysLately(ctx.db, { ...past(look), always, limit: look.batches })
  const convoyIds = rows.map((row) => row.convoy_id)
  const ended = await read.endedMissionCounts(ctx.db, { ...past(look), convoyIds })
  const statusOf = await statusesFor(ctx, look, open)
  const standings = open.map((row) => ({ row, standing: judged(row, statusOf, look.now) }))
  const convoys = rows.map((row) => {
    const mine = standings.filter((one) => one.row.convoy_id === row.convoy_id)
    const counts = countsOf(
      mine,
      ended.filter((one) => one.convoy_id === row.convoy_id),
    )
    const { status, total, donePct } = convoyProgress(counts)
    return {
      ...{ convoy: row.convoy_id, title: row.title, lane: row.lane as (typeof LANES)[number], status, total, counts },
      ...{ done_pct: donePct, created_at: row.created_at, created_by: row.created_by },
    }
  })
  return { convoys, total: all }
}

const worktreesOf = async (ctx: QueryContext, look: MissionLook) =>
  (await read.worktrees(ctx.db, past(look))).map((row) => ({
    ...{ machine: row.machine_id, path: row.path, repo: row.repo, branch: row.branch, base_branch: row.base_branch },
    ...{ status: row.status as 'active', detail: row.detail, agent: row.agent_id, mission: row.mission_id },
    ...{ bead: row.bead_id, base_commit: row.base_commit, head_commit: row.head_commit },
    ...{ merge_commit: row.merge_commit, snapshot_ref: row.snapshot_ref, created_at: row.created_at },
    ...{ finished_at: row.finished_at, merged_at: row.merged_at, removed_at: row.removed_at },
  }))

const wanted =
  (look: MissionLook) =>
  ({ row, standing }: Standing): boolean =>
    (look.standing === undefined || standing === look.standing) &&
    (look.convoy === undefined || row.convoy_id === look.convoy) &&
    (look.agent === undefined || row.to_agent === look.agent || row.claimed_by === look.agent) &&
    (look.role === undefined || row.to_role === look.role) &&
    (look.type === undefined || row.mission_type === look.type) &&
    (!look.events || row.event_type !== null)

const readsEnded = ({ all, standing }: MissionLook): boolean =>
  all || (standing !== undefined && (ENDS as readonly string[]).includes(standing))

/** As many as are told, and one that says there are more. */
const endedOf = (ctx: QueryContext, look: MissionLook): Promise<readonly Row[]> =>
  readsEnded(look)
    ? read.endedMissions(ctx.db, {
        ...{ ...past(look), status: look.standing, convoyId: look.convoy, agentId: look.agent },
        ...{ role: look.role, type: look.type, events: look.events, limit: look.limit + 1 },
      })
    : Promise.resolve([])

const lanesOf = (open: readonly Standing[]) =>
  LANES.map((lane) => {
    const counts = countStandings(open.filter(({ row }) => row.lane === lane).map(({ standing }) => standing))
    return { lane, ready: counts.ready, running: counts.running, blocked: counts.blocked }
  })

/** Null where nobody told: unknown is not nothing. */
const told = (rows: readonly read.MissionCount[], pick: (row: read.MissionCount) => number | null): number | null =>
  rows.every((row) => pick(row) === null) ? null : sum(rows, pick)

const spentBy = (ended: readonly read.MissionCount[]) => ({
  missions_reporting: sum(ended, (row) => row.reporting),
  input_tokens: told(ended, (row) => row.input_tokens),
  output_tokens: told(ended, (row) => row.output_tokens),
  cost_microusd: told(ended, (row) => row.cost_microusd),
  work_ms: sum(ended, (row) => row.work_ms),
})

/** The queue, its convoys and worktrees. */
export const readMissions = async (ctx: QueryContext, look: MissionLook) => {
  const open = await read.missions(ctx.db, past(look))
  const statusOf = await statusesFor(ctx, look, open)
  const standings = open.map((row) => ({ row, standing: judged(row, statusOf, look.now) }))
  const ended = await read.endedMissionCounts(ctx.db, past(look))
  const old = (await endedOf(ctx, look)).map((row) => ({ row, standing: row.status as MissionStanding }))
  const shown = [...standings.filter(wanted(look)), ...old]
  const { convoys, total } = await readMissionConvoys(ctx, look)
  const ready = standings.flatMap(({ row, standing }) => (standing === 'ready' ? [Date.parse(row.created_at)] : []))
  return {
    counts: countsOf(standings, ended),
    by_lane: lanesOf(standings),
    spent: spentBy(ended),
    oldest_ready_s:
      ready.length === 0 ? null : Math.max(0, Math.floor((look.now.getTime() - Math.min(...ready)) / 1000)),
    missions: shown.slice(0, look.limit).map((one) => lineOf(one, statusOf)),
    more: shown.length > look.limit,
    convoys,
    convoys_total: total,
    worktrees: await worktreesOf(ctx, look),
  }
}

/** One mission with all that was written about it; null: there is none of that id. */
export const readMissionDetail = async (ctx: QueryContext, look: MissionLook, missionId: string) => {
  const [row] = await read.missionsAmong(ctx.db, { ...past(look), ids: [missionId] })
  if (row === undefined) return null
  const open = await read.missions(ctx.db, past(look))
  const statusOf = await statusesFor(ctx, look, [row, ...open])
  const [texts, history] = await Promise.all([
    read.missionTexts(ctx.db, { ...past(look), missionId }),
    read.missionHistory(ctx.db, { ...past(look), missionId }),
  ])
  return {
    mission: lineOf({ row, standing: judged(row, statusOf, look.now) }, statusOf),
    dependents: open.filter((one) => dependsOn(one).includes(missionId)).map((one) => one.mission_id),
    texts: texts.map(({ kind, attempt, ts, author, body }) => ({ kind, attempt, ts, author, body })),
    history: history.map((one) => ({
      ...{ at: one.event_at, status: one.status, attempts: one.attempts, claimed_by: one.claimed_by },
      failure: one.failure_code,
    })),
  }
}
