import type { TableSpec } from './spec.ts'

/** Checkouts, their commits, and what GitHub holds open for them. */
export const REPOS_TABLES = [
  {
    name: 'repos',
    mode: 'current',
    key: ['machine_id', 'path'],
    time: 'last_seen_at',
    twin: 'repo_events',
    quiet: ['last_seen_at'],
    retentionDays: null,
    text: ['url'],
  },
  {
    name: 'repo_status_snapshots',
    mode: 'state',
    key: ['path'],
    time: 'collected_at',
    latest: 'latest_repo_status_snapshots',
    retentionDays: 30,
    text: ['branch', 'upstream'],
  },
  {
    name: 'repo_commit_stats',
    mode: 'state',
    key: ['path'],
    time: 'collected_at',
    latest: 'latest_repo_commit_stats',
    retentionDays: null,
  },
  {
    name: 'github_repos',
    mode: 'state',
    key: ['repo'],
    time: 'collected_at',
    latest: 'latest_github_repos',
    retentionDays: null,
  },
  {
    name: 'github_items',
    mode: 'state',
    key: ['repo', 'kind', 'number'],
    time: 'collected_at',
    latest: 'latest_github_items',
    retentionDays: null,
    text: ['title', 'labels_json', 'url'],
  },
] as const satisfies readonly TableSpec[]
