import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const AccountUsageRow = z.object({
  ...envelope,
  provider: text,
  account_key: text,
  account_label: maybe(text),
  limit_id: text,
  window_name: text,
  used_pct: maybe(number),
  resets_at: maybe(time),
  observed_at: time,
  observed_source: text,
  source_rank: number,
  plan: maybe(text),
  credits: maybe(text),
  status: maybe(text),
})
export type AccountUsageRow = z.infer<typeof AccountUsageRow>

export const AccountRow = z.object({
  provider: text,
  account_key: text,
  account_label: maybe(text),
  last_seen_at: time,
})
export type AccountRow = z.infer<typeof AccountRow>

export const AccountAliasRow = z.object({
  machine_id: text,
  provider: text,
  alias: text,
  account_key: text,
  said_by: text,
  last_seen_at: time,
})
export type AccountAliasRow = z.infer<typeof AccountAliasRow>

export const AccountStatusEventRow = z.object({
  ...envelope,
  event_key: text,
  ts: time,
  provider: text,
  account_key: maybe(text),
  profile_name: maybe(text),
  kind: text,
  status_before: maybe(text),
  status: maybe(text),
  detail: maybe(text),
  until_at: maybe(time),
})
export type AccountStatusEventRow = z.infer<typeof AccountStatusEventRow>

export const AccountProfileRow = z.object({
  ...envelope,
  scope: text,
  gone: flag,
  provider: text,
  tool: text,
  profile_name: text,
  account_key: text,
  account_label: maybe(text),
  active: maybe(flag),
  system: maybe(flag),
  logged_in: maybe(flag),
  health_status: maybe(text),
  health_score: maybe(number),
  health_expires_at: maybe(time),
  error_count: maybe(number),
  cooldown_until: maybe(time),
  plan: maybe(text),
})
export type AccountProfileRow = z.infer<typeof AccountProfileRow>

export const AccountLimitsRow = z.object({
  ...envelope,
  provider: text,
  profile_name: text,
  account_key: text,
  window_name: text,
  utilization_pct: maybe(number),
  resets_at: maybe(time),
  observed_at: time,
  plan: maybe(text),
  credits: maybe(text),
  status: text,
  error: maybe(text),
})
export type AccountLimitsRow = z.infer<typeof AccountLimitsRow>
