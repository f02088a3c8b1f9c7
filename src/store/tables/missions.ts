import type { TableSpec } from './spec.ts'

/** Work that vc hands out, and the worktrees it is done in. */
export const MISSIONS_TABLES = [
  {
    name: 'missions',
    mode: 'current',
    key: ['mission_id'],
    time: 'created_at',
    twin: 'mission_events',
    quiet: ['lease_until', 'heartbeat_at'],
    retentionDays: null,
    text: ['title', 'failure_message'],
  },
  {
    name: 'mission_texts',
    mode: 'event',
    key: ['mission_id', 'kind', 'attempt'],
    time: 'ts',
    retentionDays: null,
    text: ['body'],
  },
  {
    name: 'mission_convoys',
    mode: 'current',
    key: ['convoy_id'],
    time: 'created_at',
    twin: 'mission_convoy_events',
    retentionDays: null,
    text: ['title'],
  },
  {
    name: 'worktrees',
    mode: 'current',
    key: ['machine_id', 'path'],
    time: 'created_at',
    twin: 'worktree_events',
    quiet: ['looked_at'],
    retentionDays: null,
    text: ['detail'],
  },
] as const satisfies readonly TableSpec[]
