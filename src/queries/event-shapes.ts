import * as z from 'zod'
import { OUTCOMES } from '../core/action.ts'
import { AGENT_STATES } from '../core/agent.ts'
import { isoTime, unit } from './shapes.ts'

const minutes = z.number().nullable().describe('minutes from ts; null: unknown')

/** What an event of each type carries beside its line, under `data`. Fields are added, never repurposed. */
export const EVENT_DATA = {
  alert: z.object({
    rule: z.string(),
    status: z.enum(['pending', 'firing', 'resolved']),
    since: isoTime,
    fired_at: isoTime.nullable(),
    resolved_at: isoTime.nullable(),
  }),
  prediction: z.object({
    kind: z.string().describe('limit, disk_full, memory_full, stuck_…'),
    outlook: z.string().describe('forecast, hit, or why nothing is foretold'),
    before: z.string().nullable().describe('outlook of the forecast before; null: the first'),
    action: z.string().describe('continue, slow_down, prepare_swap, swap_now, pause, wait_for_reset, …'),
    minutes,
    low_minutes: minutes.describe('80 % interval'),
    high_minutes: minutes,
    probability: unit.nullable(),
    confidence: unit,
  }),
  opportunity: z.object({
    kind: z.enum(['bead_ready', 'limit_freed']),
    subject: z.string().describe('issue id, or account and window'),
    priority: z.number().int().nullable().describe('of an issue: 0 most urgent'),
    unblocks: z.number().int().nullable().describe('issues that wait on this one alone'),
  }),
  health_change: z.object({
    from: z.enum(['healthy', 'warning', 'critical']).nullable().describe('null: judged for the first time'),
    to: z.enum(['healthy', 'warning', 'critical']),
    score: unit,
    worst_factor: z.string().nullable(),
    evidence: z.string().nullable(),
  }),
  collector_status: z.object({
    source: z.string(),
    from: z.enum(['up', 'down', 'absent']),
    to: z.enum(['up', 'down', 'absent']),
    fault: z.string().nullable().describe('one of the closed list of faults'),
    detail: z.string().nullable(),
  }),
  action: z.object({
    audit: z.string().describe('audit id'),
    verb: z.string(),
    step: z.enum(['refused', 'intent', 'result']),
    outcome: z.enum(OUTCOMES).nullable().describe('null: intent'),
    code: z.string().nullable(),
    actor: z.string(),
    origin: z.enum(['person', 'agent', 'guardian']),
  }),
  engine: z.looseObject({
    event: z.string().describe('event id'),
    at: isoTime.describe('when it happened'),
    detail: z.string().nullable(),
  }),
  agent_state: z.object({
    state: z.enum(AGENT_STATES),
    reason: z.string().nullable(),
    since: isoTime.nullable(),
    until: isoTime.nullable().describe('for rate_limited: when its source says it ends'),
    rule: z.string(),
  }),
} as const

export type EventDataType = keyof typeof EVENT_DATA

/** Every type of event, in the order pages show them. */
export const EVENT_TYPES = [
  'alert',
  'prediction',
  'opportunity',
  'health_change',
  'collector_status',
  'agent_state',
  'engine',
  'action',
  'machine',
  'security',
  'guard',
  'process',
  'network',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export const EVENT_ABOUT: Readonly<Record<EventType, string>> = {
  alert: 'an alert became pending, firing or resolved, or got another severity',
  prediction: 'a forecast says something else than the one before it',
  opportunity:
    'something can be used now that could not before: an issue became ready, a rate-limit window is free again',
  health_change: 'the health of a machine became another severity',
  collector_status: 'a source began to fail, answers again, or is no longer there',
  agent_state: 'an agent came into another state',
  engine:
    'an agent that vc keeps was started, ended, started again, found again, stopped, lost, held or given up, or began or ended a mission',
  action: 'something was to be done to a machine or an agent: refused, begun, or what came of it',
  machine: 'a machine was added, changed its status, was started anew, was disabled, or was removed',
  security: 'a person or the network did something to the trust in a machine',
  guard: 'a command of an agent was refused, warned about or let pass',
  process: 'process triage found a suspect process, or finds it no more',
  network: 'an agent talks to somebody unusual',
}

/** One line. */
export const eventLine = z.object({
  ts: isoTime.describe('when vc saw it; lines are told in the order they are stored, which may differ by seconds'),
  type: z.enum(EVENT_TYPES),
  machine: z.string().nullable(),
  subject: z.string().describe('alert id, agent id, machine id, source, account and window, rule, machine/pid, …'),
  severity: z.enum(['critical', 'warning', 'info']),
  change: z.string().describe('what it became: firing, resolved, working, offline, rebooted, down, swap_now, …'),
  text: z.string(),
  data: z.record(z.string(), z.unknown()).optional().describe('details by type: docs/watch.md'),
})
