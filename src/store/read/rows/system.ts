import * as z from 'zod'
import { envelope, flag, maybe, number, text } from './columns.ts'

export const SysRow = z.object({
  ...envelope,
  boot_id: maybe(text),
  uptime_s: maybe(number),
  cpu_pct: maybe(number),
  iowait_pct: maybe(number),
  steal_pct: maybe(number),
  cpu_decayed: flag,
  cores: maybe(number),
  load1: maybe(number),
  load5: maybe(number),
  load15: maybe(number),
  procs_running: maybe(number),
  procs_blocked: maybe(number),
  procs_total: maybe(number),
  mem_total_bytes: maybe(number),
  mem_used_bytes: maybe(number),
  mem_available_bytes: maybe(number),
  swap_total_bytes: maybe(number),
  swap_used_bytes: maybe(number),
  swap_in_pages_per_s: maybe(number),
  swap_out_pages_per_s: maybe(number),
  oom_kills: maybe(number),
  disk_read_bytes_per_s: maybe(number),
  disk_write_bytes_per_s: maybe(number),
  net_rx_bytes_per_s: maybe(number),
  net_tx_bytes_per_s: maybe(number),
  cgroup_memory_max_bytes: maybe(number),
  cgroup_memory_used_bytes: maybe(number),
  temp_cpu_celsius: maybe(number),
  gpu_pct: maybe(number),
  inotify_max_watches: maybe(number),
  inotify_max_instances: maybe(number),
  reboot_required: maybe(flag),
  clock_skew_ms: maybe(number),
  probe_duration_s: maybe(number),
  partial: flag,
})
export type SysRow = z.infer<typeof SysRow>

export const FilesystemRow = z.object({
  ...envelope,
  mount: text,
  fs_type: maybe(text),
  size_bytes: maybe(number),
  used_bytes: maybe(number),
  avail_bytes: maybe(number),
  used_pct: maybe(number),
  inodes_total: maybe(number),
  inodes_free: maybe(number),
})
export type FilesystemRow = z.infer<typeof FilesystemRow>

export const PressureRow = z.object({
  ...envelope,
  resource: text,
  kind: text,
  avg10_pct: maybe(number),
  avg60_pct: maybe(number),
  avg300_pct: maybe(number),
  stall_us: maybe(number),
})
export type PressureRow = z.infer<typeof PressureRow>

export const TopProcessRow = z.object({
  ...envelope,
  pid: number,
  start_ticks: number,
  ppid: maybe(number),
  state: maybe(text),
  comm: maybe(text),
  cpu_pct: maybe(number),
  cpu_lifetime: flag,
  mem_bytes: maybe(number),
  threads: maybe(number),
  nice: maybe(number),
  fd_count: maybe(number),
  io_read_bytes_per_s: maybe(number),
  io_write_bytes_per_s: maybe(number),
})
export type TopProcessRow = z.infer<typeof TopProcessRow>

export const SelfRow = z.object({
  ...envelope,
  pid: number,
  uptime_s: number,
  cpu_ms: number,
  children_cpu_ms: maybe(number),
  rss_bytes: number,
  processes_started: number,
  bytes_received: number,
  ticks: number,
  ticks_missed: number,
  loop_lag_p99_ms: maybe(number),
  store_bytes: maybe(number),
})
export type SelfRow = z.infer<typeof SelfRow>
