import * as z from 'zod'
import { flag, maybe, number, text, time } from './columns.ts'

export const MachineRow = z.object({
  machine_id: text,
  ssh_target: text,
  tags_json: text,
  roles_json: text,
  enabled: flag,
  allow_write_commands: flag,
  allow_autopilot: flag,
  status: text,
  status_reason: maybe(text),
  consecutive_failures: number,
  first_seen_at: time,
  last_attempt_at: maybe(time),
  last_ok_at: maybe(time),
  hostname: maybe(text),
  os: maybe(text),
  os_version: maybe(text),
  kernel: maybe(text),
  boot_id: maybe(text),
  cores: maybe(number),
  transport: maybe(text),
  clock_skew_ms: maybe(number),
  login_ms: maybe(number),
  removed_at: maybe(time),
})
export type MachineRow = z.infer<typeof MachineRow>

export const ToolCapabilityRow = z.object({
  machine_id: text,
  tool_name: text,
  available: flag,
  path: maybe(text),
  mtime_epoch_s: maybe(number),
  size_bytes: maybe(number),
  version: maybe(text),
  version_error: maybe(text),
  version_checked_at: maybe(time),
  checked_at: time,
  expires_at: time,
})
export type ToolCapabilityRow = z.infer<typeof ToolCapabilityRow>
