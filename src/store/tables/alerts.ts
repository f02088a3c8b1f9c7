import type { TableSpec } from './spec.ts'

/** What the rules found, and who was told. */
export const ALERTS_TABLES = [
  {
    name: 'alerts',
    mode: 'current',
    key: ['alert_id'],
    time: 'since',
    twin: 'alert_events',
    quiet: ['title', 'evidence_json', 'held_ms'],
    retentionDays: null,
    text: ['title', 'evidence_json'],
  },
  {
    name: 'alert_deliveries',
    mode: 'event',
    key: ['delivery_id', 'attempt'],
    time: 'collected_at',
    retentionDays: 365,
    text: ['detail'],
  },
] as const satisfies readonly TableSpec[]
