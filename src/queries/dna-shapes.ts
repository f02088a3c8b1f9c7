import * as z from 'zod'
import { FIGURES, type Profile } from '../oracle/dna.ts'
import type * as read from '../store/index.ts'
import { count, unit } from './shapes.ts'

const estimate = z.object({
  value: z.number(),
  low: z.number().describe('95 % interval; hours count as independent of one another'),
  high: z.number(),
  n: count.describe('samples: hours of work, days for commits, recoveries for recovery_minutes'),
})

export const profileLine = z.object({
  key: z.string(),
  kind: z.enum(['agent', 'kind']).describe('one agent, or all agents of one CLI, model and project'),
  agent: z.string().nullable(),
  cli: z.string(),
  model: z.string().nullable().describe('null: several, or not known'),
  project: z.string().nullable().describe('null: several, or not known'),
  active_hours: z.number().describe('five-minute slots with a message, in hours'),
  sampled_hours: count.describe('clock hours with a message'),
  figures: z
    .partialRecord(z.enum(FIGURES), estimate)
    .describe(
      'output includes reasoning; context is input, cache reads and cache writes; commits only of days on which nobody else worked in the checkout; errors are turns into the state failed',
    ),
  too_few: z
    .partialRecord(z.enum(FIGURES), count)
    .describe('figures with too few samples to be told, and how many there are'),
  hours_utc: z.array(z.number()).length(24).describe('active hours by hour of day'),
  affinity: z.array(
    estimate
      .extend({ of: z.enum(['project', 'bead_type']), name: z.string(), value: unit })
      .describe('share of its hours, or of its issues'),
  ),
})
export type ProfileLine = z.input<typeof profileLine>

export const lineOfProfile = (one: Profile): ProfileLine => ({
  key: one.key,
  kind: one.kind,
  agent: one.agentId,
  cli: one.cli,
  model: one.model,
  project: one.project,
  active_hours: one.activeHours,
  sampled_hours: one.sampledHours,
  figures: one.figures,
  too_few: one.tooFew,
  hours_utc: [...one.hours],
  affinity: one.affinity.map((share) => ({ ...share })),
})

/** A stored profile. Columns of JSON were written from the same shape. */
export const lineOfRow = (row: read.AgentProfileRow): ProfileLine => ({
  key: row.profile_key,
  kind: row.kind === 'agent' ? 'agent' : 'kind',
  agent: row.agent_id,
  cli: row.cli,
  model: row.model,
  project: row.project,
  active_hours: row.active_hours,
  sampled_hours: row.sampled_hours,
  figures: JSON.parse(row.figures_json) as ProfileLine['figures'],
  too_few: JSON.parse(row.too_few_json) as ProfileLine['too_few'],
  hours_utc: JSON.parse(row.hours_json) as number[],
  affinity: JSON.parse(row.affinity_json) as ProfileLine['affinity'],
})
