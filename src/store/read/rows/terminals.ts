import * as z from 'zod'
import { envelope, flag, maybe, number, text, time } from './columns.ts'

export const PtySessionRow = z.object({
  ...envelope,
  scope: text,
  socket: text,
  server_pid: maybe(number),
  server_start_epoch_s: maybe(number),
  session_id: text,
  session_name: maybe(text),
  created_at: maybe(time),
  attached_clients: maybe(number),
  panes: maybe(number),
  gone: flag,
})
export type PtySessionRow = z.infer<typeof PtySessionRow>

export const PaneRow = z.object({
  ...envelope,
  scope: text,
  socket: text,
  server_pid: maybe(number),
  server_start_epoch_s: maybe(number),
  pane_id: text,
  session_id: maybe(text),
  session_name: maybe(text),
  window_index: maybe(number),
  window_name: maybe(text),
  pane_index: maybe(number),
  pane_pid: maybe(number),
  tty: maybe(text),
  current_command: maybe(text),
  current_path: maybe(text),
  title: maybe(text),
  dead: flag,
  dead_status: maybe(number),
  dead_signal: maybe(number),
  active: maybe(flag),
  alternate_on: maybe(flag),
  in_mode: maybe(flag),
  attached_clients: maybe(number),
  width: maybe(number),
  height: maybe(number),
  history_size: maybe(number),
  window_activity_at: maybe(time),
  screen_hash: maybe(text),
  screen_changed_at: maybe(time),
  screen_cli: maybe(text),
  screen_state: maybe(text),
  screen_rule: maybe(text),
  screen_reason: maybe(text),
  screen_until: maybe(time),
  dialog_hash: maybe(text),
  gone: flag,
})
export type PaneRow = z.infer<typeof PaneRow>

export const PendingDialogRow = z.object({
  machine_id: text,
  socket: text,
  pane_id: text,
  dialog_hash: text,
  title: maybe(text),
  body_redacted: maybe(text),
  options_json: maybe(text),
  first_seen_at: time,
  last_seen_at: time,
})
export type PendingDialogRow = z.infer<typeof PendingDialogRow>
