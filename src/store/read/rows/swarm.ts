import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const AgentProfileRow = z.object({
  ...envelope,
  scope: text,
  profile_key: text,
  kind: text,
  agent_id: maybe(text),
  cli: text,
  model: maybe(text),
  project: maybe(text),
  since_at: time,
  active_hours: number,
  sampled_hours: number,
  figures_json: text,
  too_few_json: text,
  hours_json: text,
  affinity_json: text,
  gone: flag,
})
export type AgentProfileRow = z.infer<typeof AgentProfileRow>

export const SwarmPatternRow = z.object({
  ...envelope,
  scope: text,
  pattern_key: text,
  kind: text,
  agents_json: text,
  project: maybe(text),
  since_at: time,
  n: number,
  p: number,
  p_adjusted: number,
  effect: number,
  words: text,
  evidence_json: text,
  gone: flag,
})
export type SwarmPatternRow = z.infer<typeof SwarmPatternRow>

export const SwarmLookRow = z.object({
  ...envelope,
  kind: text,
  looked_at: time,
  since_at: time,
  tests: number,
  found: number,
  duration_ms: number,
})
export type SwarmLookRow = z.infer<typeof SwarmLookRow>
