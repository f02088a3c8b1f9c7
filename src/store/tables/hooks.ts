import type { TableSpec } from './spec.ts'

/** What CLIs say through hooks that a person installed. */
export const HOOKS_TABLES = [
  {
    name: 'hook_events',
    mode: 'event',
    key: ['machine_id', 'cli', 'session_id', 'event', 'ts', 'detail'],
    time: 'ts',
    retentionDays: 30,
    text: ['detail', 'tool'],
  },
] as const satisfies readonly TableSpec[]
