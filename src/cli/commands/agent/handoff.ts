import type { Command } from 'commander'
import { actAndPrint } from '../../act.ts'
import { contextOf } from '../../context.ts'
import type { RegisterCommand } from '../../deps.ts'
import { readText } from '../../mission-options.ts'
import type { SteerOptions } from './steering.ts'

interface HandoffOptions extends SteerOptions {
  readonly summary?: string
  readonly summaryFile?: string
}

export const handoff: RegisterCommand = (agent, deps) => {
  agent
    .command('handoff')
    .description('what one agent has in hand (worktree, issue, missions) goes to another, who is told so')
    .argument('<from>', 'who had it; is not touched')
    .argument('<to>', 'who takes over')
    .option('--summary <text>', 'where it stands, in your words')
    .option('--summary-file <path>', 'the same from a file, or - for stdin')
    .option('-y, --yes', 'do not ask; a terminal is needed all the same')
    .addHelpText(
      'after',
      '\nExamples:\n  vc agent handoff claude-7k2m codex-a1b2 --summary "tests 3 and 4 are still red"\n  vc agent handoff claude-7k2m codex-a1b2 --summary-file handoff.md',
    )
    .action(async (from: string, to: string, options: HandoffOptions, command: Command) => {
      const ctx = contextOf(command, deps)
      const { summary, summaryFile, yes = false } = options
      const text = summaryFile === undefined ? summary : await readText(ctx, summaryFile)
      const params = { from, to, ...(text === undefined ? {} : { summary: text }) }
      await actAndPrint(ctx, deps, { verb: 'agent.handoff', params }, { yes })
    })
}
