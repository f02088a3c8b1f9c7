import type { TableSpec } from './spec.ts'

/** What the rules found. */
export const ALERTS_TABLES = [
  {
    name: 'alerts',
    mode: 'current',
    key: ['alert_id'],
    time: 'since',
    twin: 'alert_events',
    quiet: ['evidence_json'],
    retentionDays: null,
    text: ['title', 'evidence_json'],
  },
] as const satisfies readonly TableSpec[]
