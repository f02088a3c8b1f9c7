import type { Row } from '../../src/core/rows.ts'

export const NOW = new Date('2026-11-20T12:00:00Z')

/** A process that is the root of its own tree, as the process collector writes it. */
export const processRow = (pid: number, over: Row): Row => ({
  collected_at: NOW,
  boot_id: 'boot-a',
  pid,
  start_ticks: BigInt(pid * 100),
  root_pid: pid,
  root_start_ticks: BigInt(pid * 100),
  started_at: NOW,
  detached: false,
  gone: false,
  ...over,
})
