import type { TableSpec } from './spec.ts'

/** Troubles that were more than one alert, what people wrote about them, key figures, and what lies in the archive. */
export const INCIDENTS_TABLES = [
  {
    name: 'incidents',
    mode: 'current',
    key: ['incident_id'],
    time: 'opened_at',
    twin: 'incident_events',
    retentionDays: null,
    text: ['title', 'close_reason'],
  },
  {
    name: 'incident_notes',
    mode: 'event',
    key: ['incident_id', 'note_id'],
    time: 'ts',
    retentionDays: null,
    text: ['body'],
  },
  { name: 'kpi_snapshots', mode: 'event', key: ['ts'], time: 'ts', retentionDays: null },
  { name: 'archive_seals', mode: 'current', key: ['table_name', 'day'], time: 'sealed_at', retentionDays: null },
] as const satisfies readonly TableSpec[]
