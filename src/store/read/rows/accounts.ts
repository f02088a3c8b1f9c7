import { z } from 'zod'
import { envelope, maybe, number, text, time } from './columns.ts'

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
