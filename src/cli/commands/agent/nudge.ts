import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

interface NudgeOptions extends SteerOptions {
  readonly bead?: string
  readonly mail?: string
  readonly mission?: string
}

export const nudge: RegisterCommand = (agent, deps) => {
  steering(
    agent,
    'nudge',
    'remind it of its task, or of a bead, mail or mission; what others wrote is quoted with its origin',
    'vc agent nudge claude-7k2m\n  vc agent nudge claude-7k2m "this one first, please" --bead bd-12',
  )
    .argument('[text...]', 'your words; without any it is asked to go on')
    .option('--bead <id>', 'quote this issue')
    .option('--mail <id>', 'quote this message')
    .option('--mission <id>', 'quote this mission')
    .action((name: string, words: readonly string[], { yes = false, ...about }: NudgeOptions, command: Command) =>
      steer(deps, command, 'nudge', { agent: name, text: words.join(' '), ...about }, { yes }),
    )
}
