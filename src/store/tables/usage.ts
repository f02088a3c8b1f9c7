import type { TableSpec } from './spec.ts'

/** Tokens, prices and limits of accounts. */
export const USAGE_TABLES = [
  {
    name: 'agent_usage',
    mode: 'ledger',
    key: ['provider', 'message_key'],
    time: 'ts',
    retentionDays: null,
    rollups: ['usage_1h', 'usage_1d'],
  },
  {
    name: 'prices',
    mode: 'current',
    key: ['price_source', 'provider', 'model', 'valid_from'],
    time: 'recorded_at',
    retentionDays: null,
  },
  {
    name: 'account_usage_snapshots',
    mode: 'event',
    key: ['provider', 'account_key', 'limit_id', 'window_name', 'observed_source', 'observed_at'],
    time: 'observed_at',
    latest: 'latest_account_usage',
    retentionDays: 30,
  },
] as const satisfies readonly TableSpec[]
