import * as z from 'zod'
import { flag, maybe, number, text, time } from './columns.ts'

export const AgentSessionRow = z.object({
  machine_id: text,
  cli: text,
  session_id: text,
  provider: maybe(text),
  parent_session_id: maybe(text),
  is_subagent: flag,
  cwd: maybe(text),
  repo: maybe(text),
  git_branch: maybe(text),
  cli_version: maybe(text),
  model: maybe(text),
  entrypoint: maybe(text),
  started_at: maybe(time),
  last_activity_at: maybe(time),
  context_tokens: maybe(number),
  context_window_tokens: maybe(number),
  last_error: maybe(text),
  last_error_at: maybe(time),
  transcript_path: maybe(text),
  transcript_bytes: maybe(number),
  source_gone: flag,
  updated_at: time,
})
export type AgentSessionRow = z.infer<typeof AgentSessionRow>
