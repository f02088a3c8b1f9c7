import * as z from 'zod'
import { defineQuery } from './define.ts'
import { readPanes } from './fleet-rows.ts'
import { type NothingThere, nothingWarnings } from './nothing-there.ts'
import { atParam, momentOf } from './params.ts'
import { count, isoTime } from './shapes.ts'

const paneLine = z.object({
  machine: z.string(),
  multiplexer: z.enum(['tmux', 'screen', 'zellij', 'none']).describe('who holds the terminal; none: a plain one'),
  socket: z.string(),
  session: z.string().nullable(),
  window: z.string().nullable(),
  pane: z.string(),
  pid: count.nullable(),
  tty: z.string().nullable(),
  command: z.string().nullable(),
  cwd: z.string().nullable(),
  title: z.string().nullable(),
  dead: z.boolean(),
  dead_status: z.number().int().nullable(),
  attached_clients: count.nullable(),
  size: z.string().nullable(),
  last_output: isoTime.nullable(),
  screen_cli: z.string().nullable(),
  screen_state: z.string().nullable(),
  collected_at: isoTime,
})

const KINDS = { 'screen:': 'screen', 'zellij:': 'zellij', 'pty:': 'none' } as const

// sockets of tmux are paths; others say first what they are
const multiplexerOf = (socket: string): 'tmux' | 'screen' | 'zellij' | 'none' =>
  Object.entries(KINDS).find(([start]) => socket.startsWith(start))?.[1] ?? 'tmux'

const SOURCES = ['terminals', 'tmux'] as const

const NO_TERMINALS: NothingThere = {
  what: 'terminals',
  sources: SOURCES,
  none: ['no_terminals', 'no tmux server runs, and no agent sits in another terminal', 'start one: tmux new'],
}

export const ptys = defineQuery({
  name: 'ptys',
  version: 1,
  summary:
    'Terminals: every tmux pane, and every screen, zellij or plain terminal that holds an agent, with what runs in it',
  sources: SOURCES,
  params: z.strictObject({ ...atParam, machine: z.string().optional().describe('only this machine') }),
  data: z.object({ panes: z.array(paneLine) }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const rows = await readPanes(ctx, at, params.machine)
    return {
      warnings: rows.length > 0 ? [] : await nothingWarnings(ctx, at, params.machine, NO_TERMINALS),
      data: {
        panes: rows.map((row) => ({
          machine: row.machine_id,
          multiplexer: multiplexerOf(row.socket),
          socket: row.socket,
          session: row.session_name,
          window: row.window_name,
          pane: row.pane_id,
          pid: row.pane_pid,
          tty: row.tty,
          command: row.current_command,
          cwd: row.current_path,
          title: row.title,
          dead: row.dead,
          dead_status: row.dead_status,
          attached_clients: row.attached_clients,
          size: row.width !== null && row.height !== null ? `${row.width}x${row.height}` : null,
          last_output: row.window_activity_at,
          screen_cli: row.screen_cli,
          screen_state: row.screen_state,
          collected_at: row.collected_at,
        })),
      },
    }
  },
})
