import * as z from 'zod'
import { coarsePct, wholeSecond } from './coarse.ts'
import { defineQuery } from './define.ts'
import { atParam, momentOf, namesIn } from './params.ts'
import { alertCounts, fleetPicture, pictureStaleness, pictureWarnings } from './picture.ts'
import { count, isoTime, machineStatus, pct, severityCounts, unit } from './shapes.ts'

/** vc.robot.health.v1: closed objects, as published. */
export const health = defineQuery({
  name: 'health',
  version: 1,
  summary: 'How the fleet is, worst machine first, and why',
  manyMachines: true,
  params: z.strictObject({ ...atParam, machine: z.string().optional().describe('comma-separated machine ids') }),
  data: z.strictObject({
    overall: z.strictObject({
      score: unit,
      severity: z.enum(['healthy', 'warning', 'critical']),
      active_alerts: count,
      machine_count: count,
      agent_count: count,
    }),
    machines: z.array(
      z.strictObject({
        id: z.string(),
        name: z.string(),
        score: unit,
        status: machineStatus,
        last_seen: isoTime,
        agent_count: count,
        top_issue: z.string().nullable().optional(),
        cpu_percent: pct.nullable().optional(),
        memory_percent: pct.nullable().optional(),
      }),
    ),
    alerts_by_severity: severityCounts,
  }),
  example: {},
  async load(params, ctx) {
    const fleet = await fleetPicture(ctx, momentOf(params, ctx.now), params.machine && namesIn(params.machine))
    const alerts = alertCounts(fleet)
    return {
      data: {
        overall: {
          score: fleet.score,
          severity: fleet.severity,
          active_alerts: alerts.critical + alerts.warning + alerts.info,
          machine_count: fleet.machines.length,
          agent_count: fleet.machines.reduce((sum, m) => sum + m.agentCount, 0),
        },
        machines: fleet.machines.map((m) => ({
          id: m.view.machineId,
          name: m.hostname ?? m.view.machineId,
          score: m.health.score,
          status: m.view.status,
          last_seen: wholeSecond(m.lastSeen),
          agent_count: m.agentCount,
          top_issue: m.health.topIssue,
          cpu_percent: coarsePct(m.view.cpuPct),
          memory_percent: coarsePct(m.view.memUsedPct),
        })),
        alerts_by_severity: alerts,
      },
      staleness: pictureStaleness(fleet),
      warnings: pictureWarnings(fleet),
    }
  },
})
