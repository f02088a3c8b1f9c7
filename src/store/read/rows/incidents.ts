import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const IncidentRow = z.object({
  incident_id: text,
  group_key: text,
  machine_id: maybe(text),
  title: text,
  severity: text,
  status: text,
  opened_at: time,
  opened_by: text,
  last_alert_at: maybe(time),
  calm_at: maybe(time),
  closed_at: maybe(time),
  closed_by: maybe(text),
  close_reason: maybe(text),
  alerts_json: text,
  hypotheses_json: text,
})
export type IncidentRow = z.infer<typeof IncidentRow>

export const IncidentNoteRow = z.object({
  ...envelope,
  note_id: text,
  incident_id: text,
  ts: time,
  author: text,
  body: text,
})
export type IncidentNoteRow = z.infer<typeof IncidentNoteRow>

export const KpiRow = z.object({
  ...envelope,
  ts: time,
  machines_total: number,
  machines_online: number,
  health_score: number,
  agents_active: number,
  agents_idle: number,
  agents_waiting: number,
  agents_trouble: number,
  beads_active: maybe(number),
  beads_completed_15m: maybe(number),
  beads_failed_15m: maybe(number),
  convoys_active: maybe(number),
  tokens_today: maybe(number),
  cost_today_microusd: maybe(number),
  unpriced_tokens_today: maybe(number),
  burn_rate_microusd_per_h: maybe(number),
  pty_utilization_pct: maybe(number),
  patrol_ok: flag,
  alerts_critical: number,
  alerts_warning: number,
  incidents_open: number,
})
export type KpiRow = z.infer<typeof KpiRow>

export const ArchiveSealRow = z.object({
  table_name: text,
  day: text,
  hub: text,
  path: text,
  rows: number,
  bytes: number,
  checksum: text,
  sealed_at: time,
  deleted_at: maybe(time),
  late_refused: number,
})
export type ArchiveSealRow = z.infer<typeof ArchiveSealRow>
