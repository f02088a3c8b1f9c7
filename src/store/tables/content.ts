import type { TableSpec } from './spec.ts'

/** What session search has indexed, and when sessions began. */
export const CONTENT_TABLES = [
  {
    name: 'cass_index_status',
    mode: 'sample',
    key: ['machine_id', 'collected_at'],
    time: 'collected_at',
    latest: 'latest_cass_index_status',
    retentionDays: 30,
    text: ['advice'],
  },
  {
    name: 'cass_stats_snapshots',
    mode: 'sample',
    key: ['machine_id', 'collected_at'],
    time: 'collected_at',
    latest: 'latest_cass_stats_snapshots',
    retentionDays: 90,
    text: ['by_workspace_json'],
  },
  {
    name: 'session_timeline_buckets',
    mode: 'current',
    key: ['machine_id', 'bucket_start', 'agent', 'origin', 'origin_id'],
    time: 'bucket_start',
    twin: 'session_timeline_bucket_events',
    quiet: ['collected_at', 'source', 'source_version', 'schema_version'],
    retentionDays: null,
  },
] as const satisfies readonly TableSpec[]
