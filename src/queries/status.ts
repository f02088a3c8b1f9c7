import * as z from 'zod'
import { coarseLoad, coarsePct, wholeSecond } from './coarse.ts'
import { defineQuery, type QueryContext } from './define.ts'
import { whyNothing } from './nothing-there.ts'
import { atParam, momentOf } from './params.ts'
import {
  alertCounts,
  type FleetPicture,
  fleetPicture,
  type MachineState,
  pictureStaleness,
  pictureWarnings,
} from './picture.ts'
import { NO_REPOS } from './rows-repos.ts'
import { readSameMachines, sameMachineWarnings } from './same-machine.ts'
import { count, isoTime, pct, severityCounts, unit } from './shapes.ts'

const metrics = z.strictObject({
  cpu_pct: pct.optional(),
  mem_pct: pct.optional(),
  load5: z.number().min(0).optional(),
  disk_free_pct: pct.optional(),
})

// v1 knows three states: a machine that was never reached is offline to its readers, and the warning says why.
const statusV1 = (m: MachineState): 'online' | 'offline' | 'degraded' =>
  m.view.status === 'unknown' ? 'offline' : m.view.status

const leastFreePct = (m: MachineState): number | null => {
  const used = m.view.filesystems.map((fs) => fs.usedPct).filter((value) => value !== null)
  return used.length ? coarsePct(100 - Math.max(...used)) : null
}

const metricsOf = (m: MachineState): z.input<typeof metrics> | null => {
  const cpu = coarsePct(m.view.cpuPct)
  const mem = coarsePct(m.view.memUsedPct)
  const disk = leastFreePct(m)
  if (m.sys === null) return null
  return {
    ...(cpu === null ? {} : { cpu_pct: cpu }),
    ...(mem === null ? {} : { mem_pct: mem }),
    ...(m.view.load5 === null ? {} : { load5: coarseLoad(m.view.load5) }),
    ...(disk === null ? {} : { disk_free_pct: disk }),
  }
}

/** Checkouts counted once per machine; one without an upstream is neither ahead nor behind. */
const repoCounts = (fleet: FleetPicture): { total: number; dirty: number; ahead: number; behind: number } => {
  const ok = fleet.rows.repos.filter((repo) => repo.state === 'ok')
  return {
    total: fleet.rows.repos.length,
    dirty: ok.filter((repo) => repo.dirty).length,
    ahead: ok.filter((repo) => (repo.ahead ?? 0) > 0).length,
    behind: ok.filter((repo) => (repo.behind ?? 0) > 0).length,
  }
}

const repoWarnings = (fleet: FleetPicture, plan: QueryContext['plan'], machine: string | undefined): string[] =>
  fleet.rows.repos.length > 0 ? [] : whyNothing(fleet.rows.scrapes, plan, machine, NO_REPOS)

/** vc.robot.status.v1: closed objects, as published. */
export const status = defineQuery({
  name: 'status',
  version: 1,
  summary: 'One line per machine: its load, what is wrong first',
  params: z.strictObject({ ...atParam, machine: z.string().optional().describe('only this machine') }),
  data: z.strictObject({
    fleet: z.strictObject({ total_machines: count, online: count, offline: count, health_score: unit }),
    machines: z.array(
      z.strictObject({
        id: z.string(),
        status: z.enum(['online', 'offline', 'degraded']),
        last_seen: isoTime,
        health_score: unit,
        top_issue: z.string().nullable().optional(),
        metrics: metrics.nullable().optional(),
      }),
    ),
    repos: z.strictObject({ total: count, dirty: count, ahead: count, behind: count }),
    alerts: severityCounts,
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const fleet = await fleetPicture(ctx, at, params.machine)
    const same = await readSameMachines(ctx, at, fleet, params.machine)
    const states = fleet.machines.map(statusV1)
    return {
      data: {
        fleet: {
          total_machines: fleet.machines.length,
          online: states.filter((s) => s !== 'offline').length,
          offline: states.filter((s) => s === 'offline').length,
          health_score: fleet.score,
        },
        machines: fleet.machines.map((m) => ({
          id: m.view.machineId,
          status: statusV1(m),
          last_seen: wholeSecond(m.lastSeen),
          health_score: m.health.score,
          top_issue: m.health.topIssue,
          metrics: metricsOf(m),
        })),
        repos: repoCounts(fleet),
        alerts: alertCounts(fleet),
      },
      staleness: pictureStaleness(fleet),
      warnings: [
        ...pictureWarnings(fleet),
        ...sameMachineWarnings(same),
        ...repoWarnings(fleet, ctx.plan, params.machine),
      ],
    }
  },
})
