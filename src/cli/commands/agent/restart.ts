import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

interface RestartOptions extends SteerOptions {
  readonly resume?: boolean
  readonly fresh?: boolean
}

const howOf = ({ resume, fresh }: RestartOptions): string | undefined => {
  if (resume && fresh) throw usageError('two_ways', '--resume and --fresh exclude each other', 'choose one')
  return resume ? 'resume' : fresh ? 'fresh' : undefined
}

export const restart: RegisterCommand = (agent, deps) => {
  steering(
    agent,
    'restart',
    'end an agent and start it again',
    'vc agent restart claude-7k2m\n  vc agent restart claude-7k2m --fresh',
  )
    .option('--resume', "go on with the CLI's own session (the default where it is known)")
    .option('--fresh', 'begin a new session')
    .action((name: string, options: RestartOptions, command: Command) =>
      steer(deps, command, 'restart', { agent: name, how: howOf(options) }, options),
    )
}
