import { askMoment } from '../../commands/at-moment.ts'
import { usageError } from '../../core/errors.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand, TuiWish } from '../deps.ts'
import { type CliIo, isInteractive } from '../io.ts'

interface TuiCommandOptions {
  readonly screen?: string
  readonly theme?: string
  readonly inline?: string | boolean
  readonly refresh: string
  readonly at?: string
  readonly mouse: boolean
}

const INLINE_ROWS = 20

const rowsOf = (inline: string | boolean | undefined): number | null => {
  if (inline === undefined || inline === false) return null
  if (inline === true) return INLINE_ROWS
  const rows = Number(inline)
  if (Number.isInteger(rows) && rows >= 10 && rows <= 200) return rows
  throw usageError('bad_rows', `'${inline}' is no number of rows`, 'a whole number from 10, e.g. --inline 24')
}

const refreshMs = (text: string): number => {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 0.2 && seconds <= 3_600) return seconds * 1_000
  throw usageError('bad_refresh', `'${text}' is no refresh`, 'seconds from 0.2, e.g. --refresh 2')
}

/** Why the cockpit cannot be shown here; null when it can. */
export const noScreen = ({ env, ...io }: CliIo): string | null => {
  if (!isInteractive({ ...io, env })) return 'this is no terminal'
  return env.TERM === undefined || env.TERM === '' || env.TERM === 'dumb'
    ? `the terminal is of a kind without a screen (TERM=${env.TERM ?? ''})`
    : null
}

const wishOf = (io: CliIo, options: TuiCommandOptions): TuiWish => {
  const inlineRows = rowsOf(options.inline)
  return {
    io,
    mouse: options.mouse,
    refreshMs: refreshMs(options.refresh),
    ...(options.screen === undefined ? {} : { screen: options.screen }),
    ...(options.theme === undefined ? {} : { theme: options.theme }),
    ...(inlineRows === null ? {} : { inlineRows }),
    ...(options.at === undefined ? {} : { at: askMoment(options.at, new Date()) }),
  }
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('tui')
    .description('the cockpit on this terminal: every screen of the fleet, asked of the running daemon')
    .option('--screen <name>', 'begin with this screen: overview, agents, accounts …')
    .option('--theme <name>', 'neural, midnight, forest, amber, daylight, colour-blind, contrast, sixteen')
    .option('--inline [rows]', 'below the prompt, in this many rows (20), instead of a screen of its own')
    .option('--refresh <seconds>', 'how often it asks again', '1')
    .option('--at <when>', 'begin with the past: 03:12, yesterday 14:00, 2h ago')
    .option('--no-mouse', 'leave the mouse to the terminal')
    .addHelpText(
      'after',
      '\nKeys: ? inside shows them all (docs/keys.md). A terminal that was left broken by force is mended by: reset\n\nExamples:\n  vc tui\n  vc tui --screen agents\n  vc tui --inline 24 --theme daylight\n  vc tui --at "yesterday 14:00"',
    )
    .action(async (options: TuiCommandOptions, command) => {
      const ctx = contextOf(command, deps)
      const why = noScreen(deps.io)
      if (why !== null)
        throw usageError(
          'no_terminal',
          `the cockpit needs a terminal, and ${why}`,
          'use: vc status, or vc robot triage',
        )
      await deps.openTui(() => deps.loadConfig(ctx.configFlag), wishOf(deps.io, options))
    })
}
