import * as z from 'zod'
import { maybe, number, text, time } from './columns.ts'

export const HealthFactorRow = z.object({
  machine_id: text,
  factor: text,
  score: maybe(number),
  weight: number,
  evidence: text,
  changed_at: time,
})
export type HealthFactorRow = z.infer<typeof HealthFactorRow>

export const HealthSummaryRow = z.object({
  machine_id: text,
  score: number,
  severity: text,
  status: text,
  worst_factor: maybe(text),
  worst_evidence: maybe(text),
  changed_at: time,
})
export type HealthSummaryRow = z.infer<typeof HealthSummaryRow>
