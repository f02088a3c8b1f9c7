import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const BeadsProjectRow = z.object({
  ...envelope,
  scope: text,
  project: text,
  repo_id: text,
  git_repo_id: maybe(text),
  name: maybe(text),
  rig: maybe(text),
  branch: maybe(text),
  backend: text,
  state: text,
  detail: maybe(text),
  head_hash: maybe(text),
  source_changed_at: maybe(time),
  issues: maybe(number),
  ready: maybe(number),
  in_progress: maybe(number),
  blocked: maybe(number),
  deferred: maybe(number),
  held: maybe(number),
  done: maybe(number),
  bad_lines: maybe(number),
  duplicate_ids: maybe(number),
  gone: flag,
})
export type BeadsProjectRow = z.infer<typeof BeadsProjectRow>

export const BeadsIssueRow = z.object({
  ...envelope,
  scope: text,
  project: text,
  repo_id: text,
  issue_id: text,
  title: maybe(text),
  status: maybe(text),
  standing: text,
  priority: maybe(number),
  issue_type: maybe(text),
  assignee: maybe(text),
  labels_json: maybe(text),
  created_at: maybe(time),
  started_at: maybe(time),
  updated_at: maybe(time),
  closed_at: maybe(time),
  due_at: maybe(time),
  defer_until: maybe(time),
  estimated_minutes: maybe(number),
  external_ref: maybe(text),
  comment_count: maybe(number),
  body_chars: maybe(number),
  body_sha256: maybe(text),
  waits_on_json: maybe(text),
  unblocks: maybe(number),
  score: maybe(number),
  reasons_json: maybe(text),
  gone: flag,
})
export type BeadsIssueRow = z.infer<typeof BeadsIssueRow>

export const BeadsDependencyRow = z.object({
  ...envelope,
  scope: text,
  project: text,
  repo_id: text,
  issue_id: text,
  depends_on_id: text,
  dep_type: text,
  created_at: maybe(time),
  gone: flag,
})
export type BeadsDependencyRow = z.infer<typeof BeadsDependencyRow>

export const BeadsGraphRow = z.object({
  ...envelope,
  scope: text,
  project: text,
  repo_id: text,
  nodes: number,
  edges: number,
  cycles: number,
  pagerank_json: text,
  betweenness_json: maybe(text),
  critical_path_json: text,
  longest_chain_json: text,
  cycles_json: text,
  gone: flag,
})
export type BeadsGraphRow = z.infer<typeof BeadsGraphRow>

export const BeadsTriageRow = z.object({
  ...envelope,
  scope: text,
  project: text,
  repo_id: text,
  tool_version: maybe(text),
  data_hash: maybe(text),
  generated_at: maybe(time),
  counts_mean: text,
  open_count: maybe(number),
  actionable_count: maybe(number),
  blocked_count: maybe(number),
  in_progress_count: maybe(number),
  not_closed_count: maybe(number),
  quick_ref_json: maybe(text),
  recommendations_json: maybe(text),
  blockers_json: maybe(text),
  gone: flag,
})
export type BeadsTriageRow = z.infer<typeof BeadsTriageRow>

/** What lists of issues tell of one. */
export const BeadsListedRow = BeadsIssueRow.pick({
  machine_id: true,
  project: true,
  issue_id: true,
  title: true,
  status: true,
  standing: true,
  priority: true,
  issue_type: true,
  assignee: true,
  started_at: true,
  updated_at: true,
  closed_at: true,
  waits_on_json: true,
  unblocks: true,
  score: true,
  reasons_json: true,
})
export type BeadsListedRow = z.infer<typeof BeadsListedRow>
