import type { TableSpec } from './spec.ts'

/** Agents that vc keeps, what happened to them, and who waits for a place. */
export const ENGINE_TABLES = [
  {
    name: 'managed_agents',
    mode: 'current',
    key: ['agent_id'],
    time: 'created_at',
    twin: 'managed_agent_events',
    quiet: ['last_seen_at'],
    retentionDays: null,
    text: ['status_reason'],
  },
  {
    name: 'engine_events',
    mode: 'event',
    key: ['event_id'],
    time: 'collected_at',
    retentionDays: null,
    text: ['detail'],
  },
  {
    name: 'pool_queue',
    mode: 'current',
    key: ['request_id'],
    time: 'asked_at',
    twin: 'pool_queue_events',
    retentionDays: 365,
    text: ['reason'],
  },
  {
    name: 'engine_orphans',
    mode: 'current',
    key: ['machine_id', 'boot_id', 'pid', 'start_ticks'],
    time: 'first_seen_at',
    twin: 'engine_orphan_events',
    quiet: ['seen_at', 'rss_bytes'],
    retentionDays: 365,
    text: ['comm'],
  },
] as const satisfies readonly TableSpec[]
