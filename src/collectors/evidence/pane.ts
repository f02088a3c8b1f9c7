import { displayText } from '../../core/text.ts'
import { cutText } from './cut-text.ts'

const WHOLE = [
  'server_pid', 'start_time', 'session_id', 'window_id', 'window_index', 'pane_id', 'pane_index', 'pane_pid', 'pane_dead',
  'pane_dead_status', 'pane_dead_signal', 'pane_dead_time', 'pane_active', 'window_active', 'alternate_on', 'pane_in_mode',
  'pane_mode', 'window_activity', 'session_created', 'session_activity', 'session_attached', 'pane_width', 'pane_height',
  'history_size', 'cursor_x', 'cursor_y', 'pane_tty', 'pane_current_command', 'session_name', 'window_name',
] as const // biome-ignore format: a list of words

const TEXTS: ReadonlySet<string> = new Set([
  'session_id', 'window_id', 'pane_id', 'pane_mode', 'pane_tty', 'pane_current_command', 'session_name', 'window_name',
]) // biome-ignore format: a list of words

export type PaneFields = Readonly<Record<string, string | number | null>>

const cell = (name: string, text: string): string | number | null => {
  if (TEXTS.has(name)) return displayText(text)
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** One `pane` record: fields that hold no separator, then path (which may) and title. Null when it is none. */
export const readPane = (record: string, startCommand: string): PaneFields | null => {
  const fields = record.split('\u001f').slice(1)
  if (fields.length < WHOLE.length + 2) return null
  return {
    ...Object.fromEntries(WHOLE.map((name, at) => [name, cell(name, fields[at] ?? '')])),
    pane_current_path: displayText(fields.slice(WHOLE.length, -1).join('\u001f'), 4096),
    pane_title: displayText(fields.at(-1) ?? ''),
    pane_start_command: cutText(startCommand),
  }
}
