import type { TableSpec } from './spec.ts'

/** Checkouts. */
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
] as const satisfies readonly TableSpec[]
