import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const ScrapeRow = z.object({
  ...envelope,
  up: flag,
  fault: maybe(text),
  detail: maybe(text),
  partial: flag,
  duration_ms: number,
  bytes: number,
  rows: number,
  cpu_ms: number,
  warnings_json: maybe(text),
})
export type ScrapeRow = z.infer<typeof ScrapeRow>

export const LatestScrapeRow = z.object({
  ...envelope,
  up: flag,
  fault: maybe(text),
  detail: maybe(text),
  partial: flag,
  duration_ms: number,
  bytes: number,
  rows: number,
  cpu_ms: number,
  warnings_json: maybe(text),
  last_ok_at: maybe(time),
  consecutive_failures: number,
})
export type LatestScrapeRow = z.infer<typeof LatestScrapeRow>

export const CursorRow = z.object({
  machine_id: text,
  source: text,
  cursor_key: text,
  value_json: text,
  updated_at: time,
})
export type CursorRow = z.infer<typeof CursorRow>
