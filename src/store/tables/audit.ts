import type { TableSpec } from './spec.ts'

/** What was done to machines and agents; kept for ever. */
export const AUDIT_TABLES = [
  {
    name: 'audit_events',
    mode: 'event',
    key: ['audit_id', 'step'],
    time: 'ts',
    retentionDays: null,
    text: ['why', 'params_json', 'detail', 'effects_json'],
  },
] as const satisfies readonly TableSpec[]
