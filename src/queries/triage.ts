import * as z from 'zod'
import { storeDiskFull } from '../oracle/rules/store-disk-full.ts'
import { type Advice, rankAdvice } from '../oracle/triage.ts'
import { adviceFromAgents } from '../oracle/triage-agents.ts'
import { adviceFromAlerts, inHand } from '../oracle/triage-alerts.ts'
import { adviceFromForecasts } from '../oracle/triage-forecasts.ts'
import {
  ACK_LATE_MS,
  adviceFromMail,
  adviceFromRetention,
  adviceFromSilence,
  adviceFromSources,
} from '../oracle/triage-sources.ts'
import { adviceFromBeads, adviceFromRepos, READY_WORTH } from '../oracle/triage-work.ts'
import * as read from '../store/index.ts'
import { noAgentWarnings } from './agents.ts'
import { defineQuery, lookingForS, type QueryContext, warning } from './define.ts'
import { leftMachines, ofLooked, when } from './fleet-rows.ts'
import { atParam, momentOf } from './params.ts'
import { type FleetPicture, fleetPicture, pictureStaleness, pictureWarnings } from './picture.ts'
import { count, unit } from './shapes.ts'
import { firingNow, goneMachines, lastLook, readForetold, redSources, retentionOf } from './triage-facts.ts'

/** For how long nobody looked, though somebody could: before a daemon began none was there to. */
const unlookedS = (ctx: QueryContext, ageS: number | null): number | null =>
  ageS === null ? null : Math.min(ageS, lookingForS(ctx) ?? ageS)

/** Everything that could be done, as every source tells it. */
const readAdvice = async (ctx: QueryContext, fleet: FleetPicture, at: Date | null): Promise<readonly Advice[]> => {
  const moment = at ?? ctx.now
  const left = { ...when(at), without: await leftMachines(ctx, at) }
  const lateBefore = new Date(moment.getTime() - ACK_LATE_MS)
  const [foretold, ready, stuck, mail] = await Promise.all([
    readForetold(ctx, at),
    read.urgentBeads(ctx.db, { ...left, ...READY_WORTH }),
    read.stuckProjects(ctx.db, left),
    ofLooked(ctx, at, undefined, read.mailOpen(ctx.db, { ...when(at), lateBefore })),
  ])
  const living = fleet.rows.agents.filter(({ ended, state }) => ended === null && state !== 'dead')
  const firing = firingNow(fleet)
  const taken = inHand(firing, moment)
  const look = lastLook(fleet)
  const others = [
    ...adviceFromAgents(fleet.rows.agents),
    ...adviceFromForecasts(foretold),
    ...adviceFromSources(redSources(fleet)),
    ...adviceFromMail(mail),
    ...adviceFromRetention(retentionOf(fleet)),
    ...adviceFromRepos(fleet.rows.repos, living),
    ...adviceFromBeads(ready, stuck),
  ]
  // Then nobody has to be started: it goes on by itself when there is room.
  const full = firing.some(({ rule }) => rule === storeDiskFull.id)
  return [
    // A picture of the past is meant to be old.
    ...(at === null && !full ? adviceFromSilence(unlookedS(ctx, look.ageS), look.paceS) : []),
    ...adviceFromAlerts(firing, moment),
    ...others.filter(({ id }) => !taken.has(id)),
  ]
}

const MOST = 200

// The published shape has no place for how many there are.
const cutWarning = (told: number, all: number): string[] =>
  told === all
    ? []
    : [warning('cut', `these are the first ${told} of ${all} recommendations`, `more: --limit ${Math.min(all, MOST)}`)]

/**
 * vc.robot.triage.v1: what to do next, and why, one recommendation per cause: firing alerts, agents in need of somebody,
 * forecasts, failing sources, overdue mail, transcripts about to be deleted, work nobody is at, issues that are ready.
 */
export const triage = defineQuery({
  name: 'triage',
  version: 1,
  summary: 'What to do next, and why',
  params: z.strictObject({ ...atParam, limit: z.coerce.number().int().min(1).max(MOST).default(20) }),
  data: z.strictObject({
    recommendations: z.array(
      z.strictObject({
        id: z.string(),
        priority: count.min(1),
        title: z.string(),
        description: z.string(),
        scope: z.string(),
        action: z.string(),
      }),
    ),
    suggested_commands: z.array(z.strictObject({ command: z.string(), reason: z.string(), confidence: unit })),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const fleet = await fleetPicture(ctx, at)
    const all = rankAdvice(await readAdvice(ctx, fleet, at), goneMachines(fleet))
    const advice = all.slice(0, params.limit)
    return {
      data: {
        recommendations: advice.map((a, i) => ({
          id: a.id,
          priority: i + 1,
          title: a.title,
          description: a.description,
          scope: a.scope,
          action: a.action,
        })),
        suggested_commands: advice.map((a) => ({ command: a.command, reason: a.title, confidence: a.confidence })),
      },
      staleness: pictureStaleness(fleet),
      warnings: [
        ...pictureWarnings(fleet),
        ...(fleet.rows.agents.length > 0 ? [] : await noAgentWarnings(ctx, at)),
        ...cutWarning(advice.length, all.length),
      ],
    }
  },
})
