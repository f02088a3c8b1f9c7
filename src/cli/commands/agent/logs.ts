import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import { displayText } from '../../../core/text.ts'
import { type CliContext, contextOf, waitNote } from '../../context.ts'
import type { RegisterCommand } from '../../deps.ts'

interface LogOptions {
  readonly lines: string
  readonly screen?: boolean
}

const linesOf = (text: string): number => {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw usageError('bad_lines', `“${displayText(text, 20)}” is no number of lines`, '1 to 5000')
}

const logs = async (ctx: CliContext, agent: string, { lines, screen }: LogOptions): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { agentLog } = await import('../../../commands/engine/log-send.ts')
  const asked = { agent, lines: linesOf(lines), screen: screen === true }
  const log = await agentLog(await ctx.config(), asked, waitNote(ctx))
  if (format === 'json') return ctx.printJson(log)
  if (log.path !== null)
    ctx.note({
      code: 'log',
      message: `${log.path}, ${log.sizeBytes} bytes`,
      fix: 'terminal output as it came, cleaned',
    })
  // Terminals are hostile: the lines were stripped by the owner, and once more here.
  ctx.print(log.lines.map((line) => displayText(line, 2_000)).join('\n'))
}

export const agentLogs: RegisterCommand = (agent, deps) => {
  agent
    .command('logs')
    .description("what an agent's terminal showed: its log, or its screen with history")
    .argument('<agent>', 'agent id, or an unambiguous beginning')
    .option('-n, --lines <n>', 'most lines', '200')
    .option('--screen', 'the screen and the history above it instead of the log')
    .addHelpText('after', '\nExamples:\n  vc agent logs claude-7k2m\n  vc agent logs claude-7k2m --screen -n 50')
    .action((name: string, options: LogOptions, command: Command) => logs(contextOf(command, deps), name, options))
}
