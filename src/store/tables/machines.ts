import type { TableSpec } from './spec.ts'

/** Machines, how they were scraped, and what vc itself costs. */
export const MACHINES_TABLES = [
  {
    name: 'machines',
    mode: 'current',
    key: ['machine_id'],
    time: 'first_seen_at',
    twin: 'machine_events',
    quiet: ['last_attempt_at', 'last_ok_at', 'consecutive_failures', 'clock_skew_ms', 'login_ms'],
    retentionDays: null,
  },
  {
    name: 'security_events',
    mode: 'event',
    key: ['machine_id', 'kind', 'collected_at'],
    time: 'collected_at',
    retentionDays: null,
    text: ['detail'],
  },
  {
    name: 'machine_tool_capabilities',
    mode: 'current',
    key: ['machine_id', 'tool_name'],
    time: 'checked_at',
    twin: 'machine_tool_capability_events',
    quiet: ['checked_at', 'expires_at', 'version_checked_at'],
    retentionDays: null,
  },
  {
    name: 'scrapes',
    mode: 'own',
    key: ['machine_id', 'source', 'collected_at'],
    time: 'collected_at',
    retentionDays: 30,
  },
  {
    name: 'self_samples',
    mode: 'sample',
    key: ['machine_id', 'collected_at'],
    time: 'collected_at',
    latest: 'latest_self_samples',
    retentionDays: 30,
  },
] as const satisfies readonly TableSpec[]
