import type { TableSpec } from './spec.ts'

/** Health, how machines and fleet stood, what was foretold and what came of it. */
export const HEALTH_TABLES = [
  {
    name: 'health_factors',
    mode: 'current',
    key: ['machine_id', 'factor'],
    time: 'changed_at',
    twin: 'health_factor_events',
    quiet: ['changed_at'],
    retentionDays: null,
    text: ['evidence'],
  },
  {
    name: 'health_summary',
    mode: 'current',
    key: ['machine_id'],
    time: 'changed_at',
    twin: 'health_summary_events',
    quiet: ['changed_at'],
    retentionDays: null,
    text: ['worst_evidence'],
  },
  {
    name: 'machine_state_snapshots',
    mode: 'event',
    key: ['machine_id', 'ts'],
    time: 'ts',
    retentionDays: 365,
  },
  {
    name: 'fleet_state_snapshots',
    mode: 'event',
    key: ['machine_id', 'ts'],
    time: 'ts',
    retentionDays: null,
  },
  {
    name: 'predictions',
    mode: 'event',
    key: ['machine_id', 'kind', 'subject', 'made_at'],
    time: 'made_at',
    latest: 'latest_predictions',
    retentionDays: 90,
  },
  {
    name: 'prediction_scores',
    mode: 'event',
    key: ['machine_id', 'kind', 'subject', 'made_at'],
    time: 'made_at',
    retentionDays: 365,
  },
  {
    name: 'oracle_backtests',
    mode: 'event',
    key: ['kind', 'ran_at'],
    time: 'ran_at',
    retentionDays: null,
  },
] as const satisfies readonly TableSpec[]
