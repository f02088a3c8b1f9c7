import type { TableSpec } from './spec.ts'

/** What the probe measures of a machine. */
export const SYSTEM_TABLES = [
  {
    name: 'sys_samples',
    mode: 'sample',
    key: ['machine_id', 'boot_id', 'uptime_s'],
    time: 'collected_at',
    latest: 'latest_sys_samples',
    retentionDays: 30,
    rollups: ['sys_5m', 'sys_1h'],
  },
  {
    name: 'sys_filesystems',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'mount'],
    time: 'collected_at',
    latest: 'latest_sys_filesystems',
    retentionDays: 30,
  },
  {
    name: 'sys_pressure',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'resource', 'kind'],
    time: 'collected_at',
    latest: 'latest_sys_pressure',
    retentionDays: 30,
  },
  {
    name: 'sys_top_processes',
    mode: 'sample',
    key: ['machine_id', 'collected_at', 'pid', 'start_ticks'],
    time: 'collected_at',
    latest: 'latest_sys_top_processes',
    retentionDays: 7,
    text: ['comm'],
  },
] as const satisfies readonly TableSpec[]
