import { z } from 'zod'
import { defineQuery } from './define.ts'
import { atParam, momentOf } from './params.ts'
import { type FleetPicture, fleetPicture, pictureStaleness, pictureWarnings } from './picture.ts'
import { count, unit } from './shapes.ts'

interface Advice {
  readonly id: string
  readonly rank: number
  readonly title: string
  readonly description: string
  readonly scope: string
  readonly action: string
  readonly command: string
  readonly confidence: number
}

const RANK = { critical: 0, warning: 20, info: 40 } as const

const ACTIONS: Record<
  string,
  (machine: string, subject: string) => { action: string; command: string; confidence: number }
> = {
  machine_unreachable: (machine) => ({
    action: 'look at the way to the machine',
    command: `vc machines probe ${machine}`,
    confidence: 0.9,
  }),
  disk_low: (machine) => ({
    action: 'free space on this filesystem',
    command: `vc robot machine ${machine} --json`,
    confidence: 0.7,
  }),
  collector_red: (machine, subject) => ({
    action: 'see what the source answered',
    command: `vc collect --collector ${subject} -m ${machine} --explain`,
    confidence: 0.8,
  }),
}

const fromAlerts = (fleet: FleetPicture): Advice[] =>
  fleet.rows.alerts
    .filter((alert) => alert.status === 'firing')
    .map((alert) => {
      const machine = alert.machine_id ?? 'fleet'
      const todo = ACTIONS[alert.rule]?.(machine, alert.subject) ?? {
        action: 'look at it',
        command: `vc status -m ${machine}`,
        confidence: 0.5,
      }
      return {
        id: alert.alert_id,
        rank: RANK[alert.severity],
        title: alert.title,
        description: `${alert.rule} is ${alert.severity} since ${alert.since}`,
        scope: alert.machine_id ? `machine:${alert.machine_id}` : 'fleet',
        ...todo,
      }
    })

const WAITING = {
  needs_approval: { rank: 5, title: 'waits for an approval', action: 'read the dialog and answer it' },
  asked_question: { rank: 6, title: 'asked a question', action: 'answer it' },
  failed: { rank: 10, title: 'failed', action: 'see why, then continue or restart it' },
  stalled: { rank: 12, title: 'is stalled', action: 'see what it waits for' },
  rate_limited: { rank: 15, title: 'is rate-limited', action: 'wait for the reset or use another account' },
} as const

const fromAgents = (fleet: FleetPicture): Advice[] =>
  fleet.rows.agents.flatMap((agent) => {
    const waiting = WAITING[agent.state as keyof typeof WAITING]
    if (!waiting || agent.ended !== null) return []
    const reason = agent.reason ? `: ${agent.reason}` : ''
    return [
      {
        id: `agent:${agent.agent_id}:${agent.state}`,
        rank: waiting.rank,
        title: `${agent.agent_id} ${waiting.title}${reason}`,
        description: `${agent.cli} in ${agent.cwd ?? 'an unknown folder'}, ${agent.state} since ${agent.since ?? 'an unknown time'}, rule ${agent.rule ?? 'none'}`,
        scope: `agent:${agent.agent_id}`,
        action: waiting.action,
        command: `vc explain ${agent.agent_id}`,
        confidence: 0.8,
      },
    ]
  })

/** vc.robot.triage.v1: what to do next, and why. Only firing alerts and agents in need of somebody speak here. */
export const triage = defineQuery({
  name: 'triage',
  version: 1,
  summary: 'What to do next, and why',
  params: z.strictObject({ ...atParam, limit: z.coerce.number().int().min(1).max(200).default(20) }),
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
    const fleet = await fleetPicture(ctx, momentOf(params, ctx.now))
    const advice = [...fromAlerts(fleet), ...fromAgents(fleet)]
      .sort((a, b) => a.rank - b.rank || a.id.localeCompare(b.id))
      .slice(0, params.limit)
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
      warnings: pictureWarnings(fleet),
    }
  },
})
