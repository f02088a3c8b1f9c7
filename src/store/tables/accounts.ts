import type { TableSpec } from './spec.ts'

/** Who the accounts are, what happened to them, and what caam knows of its profiles. */
export const ACCOUNTS_TABLES = [
  {
    name: 'accounts',
    mode: 'current',
    key: ['provider', 'account_key'],
    time: 'last_seen_at',
    twin: 'account_events',
    quiet: ['last_seen_at'],
    retentionDays: null,
  },
  {
    name: 'account_aliases',
    mode: 'current',
    key: ['machine_id', 'provider', 'alias', 'account_key', 'said_by'],
    time: 'last_seen_at',
    twin: 'account_alias_events',
    quiet: ['last_seen_at'],
    retentionDays: null,
  },
  {
    name: 'account_status_events',
    mode: 'event',
    key: ['machine_id', 'source', 'event_key'],
    time: 'ts',
    retentionDays: 365,
    text: ['detail'],
  },
  {
    name: 'account_profile_snapshots',
    mode: 'state',
    key: ['provider', 'profile_name'],
    time: 'collected_at',
    latest: 'latest_account_profile_snapshots',
    retentionDays: 365,
  },
  {
    name: 'account_limits_snapshots',
    mode: 'event',
    key: ['machine_id', 'provider', 'profile_name', 'window_name', 'observed_at'],
    time: 'observed_at',
    latest: 'latest_account_limits_snapshots',
    retentionDays: 30,
    text: ['error'],
  },
] as const satisfies readonly TableSpec[]
