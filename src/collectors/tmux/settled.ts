import type { AgentCli } from '../../core/agent.ts'
import { type ServerText, UNIT_SEPARATOR } from './parse.ts'

/** A pane whose stored screen reading still holds: nothing was printed since, and the same CLI was thought to be there. */
export interface Settled {
  readonly key: string
  readonly cli: AgentCli | null
  /** When the screen was captured, vc's clock. */
  readonly atMs: number
}

// A reading is made anew now and then, so that one made with older rules does not stand as long as its pane is quiet.
const HOLDS_MS = 10 * 60_000

export const paneKey = (socket: string, paneId: string): string => `${socket}${UNIT_SEPARATOR}${paneId}`

const isSettled = (value: unknown): value is Settled =>
  typeof value === 'object' &&
  value !== null &&
  'key' in value &&
  typeof value.key === 'string' &&
  'cli' in value &&
  'atMs' in value &&
  typeof value.atMs === 'number'

/** The cursor `settled` read back; what is too old or makes no sense is captured again. */
export const decodeSettled = (value: unknown, at: Date): ReadonlyMap<string, Settled> => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const now = at.getTime()
  return new Map(
    entries.flatMap(([pane, entry]) =>
      isSettled(entry) && now - entry.atMs < HOLDS_MS && entry.atMs <= now ? [[pane, entry] as const] : [],
    ),
  )
}

// One argument of an ask may not be larger; panes beyond it are simply captured again.
const MAX_ARG_CHARS = 60_000

/** Lines as one argument, whole lines only. */
export const asArgument = (lines: readonly string[]): string => {
  const text = lines.join('\n')
  return text.length <= MAX_ARG_CHARS ? text : text.slice(0, text.lastIndexOf('\n', MAX_ARG_CHARS))
}

export interface Settling {
  readonly epochS: number
  readonly at: Date
  readonly before: ReadonlyMap<string, Settled>
  readonly cliAt: (tty: string | null) => AgentCli | null
}

/**
 * Panes that need no capture next time unless something happens: captured now or still held, and silent for more than the
 * second in which tmux counts (output of that same second would leave no trace).
 */
export const settle = (servers: readonly ServerText[], now: Settling): Readonly<Record<string, Settled>> =>
  Object.fromEntries(
    servers.flatMap((server) =>
      server.panes.flatMap((pane) => {
        const id = paneKey(server.socket, pane.paneId)
        const quiet = pane.windowActivityS !== null && now.epochS - pane.windowActivityS > 1
        if (!quiet) return []
        if (server.screens.has(pane.paneId))
          return [[id, { key: pane.key, cli: now.cliAt(pane.tty), atMs: now.at.getTime() }] as const]
        const held = now.before.get(id)
        return held?.key === pane.key ? [[id, held] as const] : []
      }),
    ),
  )
