import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const AgentRow = z.object({
  agent_id: text,
  machine_id: text,
  cli: text,
  kind: text,
  first_seen: time,
  ended: maybe(time),
  session_id: maybe(text),
  parent_session_id: maybe(text),
  cli_version: maybe(text),
  cwd: maybe(text),
  repo_id: maybe(text),
  boot_id: maybe(text),
  root_pid: maybe(number),
  root_start_ticks: maybe(number),
  tty: maybe(text),
  pane_key: maybe(text),
  session_name: maybe(text),
  account_key: maybe(text),
})
export type AgentRow = z.infer<typeof AgentRow>

export const AgentAliasRow = z.object({
  machine_id: text,
  alias: text,
  agent_id: text,
  since: time,
})
export type AgentAliasRow = z.infer<typeof AgentAliasRow>

export const AgentStateRow = z.object({
  agent_id: text,
  machine_id: text,
  state: text,
  reason: maybe(text),
  since: maybe(time),
  until_at: maybe(time),
  rule: text,
  winner_json: maybe(text),
  losers_json: maybe(text),
  judged_at: time,
})
export type AgentStateRow = z.infer<typeof AgentStateRow>

export const AgentStateEventRow = z.object({
  event_at: time,
  agent_id: text,
  machine_id: text,
  state: text,
  reason: maybe(text),
  since: maybe(time),
  until_at: maybe(time),
  rule: text,
  winner_json: maybe(text),
  losers_json: maybe(text),
  judged_at: maybe(time),
})
export type AgentStateEventRow = z.infer<typeof AgentStateEventRow>

export const AgentProcessRow = z.object({
  ...envelope,
  scope: text,
  boot_id: maybe(text),
  pid: number,
  start_ticks: number,
  root_pid: number,
  root_start_ticks: maybe(number),
  cli: text,
  how: text,
  argv0: maybe(text),
  script: maybe(text),
  flags: maybe(text),
  tty: maybe(text),
  state: maybe(text),
  cwd: maybe(text),
  started_at: maybe(time),
  ppid: maybe(number),
  detached: flag,
  gone: flag,
})
export type AgentProcessRow = z.infer<typeof AgentProcessRow>

export const AgentProcessSampleRow = z.object({
  ...envelope,
  boot_id: maybe(text),
  root_pid: number,
  root_start_ticks: number,
  cli: text,
  processes: number,
  cpu_pct: maybe(number),
  cpu_lifetime: flag,
  rss_bytes: maybe(number),
})
export type AgentProcessSampleRow = z.infer<typeof AgentProcessSampleRow>

export const SightingRow = z.object({
  ...envelope,
  scope: text,
  cli: text,
  tier: text,
  sighting_source: text,
  subject: text,
  pid: maybe(number),
  start_ticks: maybe(number),
  session_id: maybe(text),
  pane_key: maybe(text),
  cwd: maybe(text),
  cli_version: maybe(text),
  says: text,
  rule: text,
  reason: maybe(text),
  as_of: time,
  since: maybe(time),
  until_at: maybe(time),
  gone: flag,
})
export type SightingRow = z.infer<typeof SightingRow>
