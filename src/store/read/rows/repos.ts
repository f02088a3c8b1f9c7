import { z } from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const RepoRow = z.object({
  machine_id: text,
  repo_id: text,
  path: text,
  url: maybe(text),
  name: maybe(text),
  is_worktree: maybe(flag),
  first_seen_at: time,
  last_seen_at: time,
})
export type RepoRow = z.infer<typeof RepoRow>

export const RepoStatusRow = z.object({
  ...envelope,
  scope: text,
  repo_id: text,
  path: text,
  state: text,
  branch: maybe(text),
  detached: maybe(flag),
  head_oid: maybe(text),
  upstream: maybe(text),
  upstream_gone: maybe(flag),
  dirty: maybe(flag),
  staged: maybe(number),
  unstaged: maybe(number),
  untracked: maybe(number),
  conflicted: maybe(number),
  stashes: maybe(number),
  ahead: maybe(number),
  behind: maybe(number),
  last_commit_at: maybe(time),
  commits_7d: maybe(number),
  commits_30d: maybe(number),
  fetched_at: maybe(time),
  gone: flag,
})
export type RepoStatusRow = z.infer<typeof RepoStatusRow>
