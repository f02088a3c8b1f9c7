import * as z from 'zod'
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
  status: maybe(text),
  mismatch: maybe(flag),
  gone: flag,
})
export type RepoStatusRow = z.infer<typeof RepoStatusRow>

export const RepoCommitRow = z.object({
  ...envelope,
  scope: text,
  repo_id: text,
  path: text,
  head_oid: maybe(text),
  commits_7d: maybe(number),
  commits_30d: maybe(number),
  authors_30d: maybe(number),
  active_days_30d: maybe(number),
  last_day: maybe(text),
  commits_by_day: maybe(text),
  gone: flag,
})
export type RepoCommitRow = z.infer<typeof RepoCommitRow>

export const GithubRepoRow = z.object({
  ...envelope,
  scope: text,
  repo_id: text,
  repo: text,
  state: text,
  open_prs: maybe(number),
  open_issues: maybe(number),
  issues_off: maybe(flag),
  capped: maybe(flag),
  gone: flag,
})
export type GithubRepoRow = z.infer<typeof GithubRepoRow>

export const GithubItemRow = z.object({
  ...envelope,
  scope: text,
  repo_id: text,
  repo: text,
  kind: text,
  number: number,
  title: maybe(text),
  state: maybe(text),
  is_draft: maybe(flag),
  labels_json: maybe(text),
  review_decision: maybe(text),
  checks: maybe(text),
  url: maybe(text),
  created_at: maybe(time),
  updated_at: maybe(time),
  gone: flag,
})
export type GithubItemRow = z.infer<typeof GithubItemRow>
