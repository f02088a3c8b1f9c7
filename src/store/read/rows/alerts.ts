import { z } from 'zod'
import { maybe, text, time } from './columns.ts'

export const AlertRow = z.object({
  alert_id: text,
  rule: text,
  machine_id: maybe(text),
  subject: text,
  severity: text,
  status: text,
  title: text,
  evidence_json: text,
  since: time,
  fired_at: maybe(time),
  resolved_at: maybe(time),
  acked_at: maybe(time),
  silenced_until: maybe(time),
  closed_at: maybe(time),
})
export type AlertRow = z.infer<typeof AlertRow>
