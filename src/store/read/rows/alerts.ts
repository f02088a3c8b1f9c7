import * as z from 'zod'
import { envelope, maybe, number, text, time } from './columns.ts'

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
  held_ms: maybe(number),
  suppressed_by: maybe(text),
})
export type AlertRow = z.infer<typeof AlertRow>

/** One attempt to tell somebody of an alert. */
export const AlertDeliveryRow = z.object({
  ...envelope,
  delivery_id: text,
  attempt: number,
  alert_id: text,
  rule: text,
  transition: text,
  channel: text,
  kind: text,
  outcome: text,
  status_code: maybe(number),
  detail: maybe(text),
  duration_ms: number,
  retry_at: maybe(time),
})
export type AlertDeliveryRow = z.infer<typeof AlertDeliveryRow>
