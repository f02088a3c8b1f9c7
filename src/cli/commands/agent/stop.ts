import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import { actAndPrint } from '../../act.ts'
import { contextOf } from '../../context.ts'
import type { CliDeps, RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer } from './steering.ts'

interface StopOptions extends SteerOptions {
  readonly orphan?: string
  readonly machine?: string
}

const stopOne = async (
  deps: CliDeps,
  command: Command,
  name: string | undefined,
  { orphan, machine, ...options }: StopOptions,
): Promise<void> => {
  if (orphan !== undefined && name === undefined) {
    const params = { pid: orphan, machine }
    return actAndPrint(contextOf(command, deps), deps, { verb: 'orphan.end', params }, options)
  }
  if (name === undefined) throw usageError('no_agent', 'no agent is named', 'vc agent list; vc agent stop --help')
  if (orphan !== undefined || machine !== undefined)
    throw usageError('two_targets', '--orphan and --machine name a process, not an agent', 'choose one')
  return steer(deps, command, 'stop', { agent: name }, options)
}

export const stop: RegisterCommand = (agent, deps) => {
  agent
    .command('stop')
    .description('end all processes of an agent and start it no more; survivors are named')
    .argument('[agent]', 'agent id, session id, or an unambiguous beginning')
    .option(
      '--orphan <pid>',
      'instead of an agent: one process that an agent of vc left behind (vc agent list --orphans)',
    )
    .option('-m, --machine <id>', 'where that process is; without it where vc saw it last')
    .option('-y, --yes', 'do not ask; a terminal is needed all the same')
    .addHelpText('after', '\nExamples:\n  vc agent stop claude-7k2m\n  vc agent stop --orphan 4711')
    .action((name: string | undefined, options: StopOptions, command: Command) => stopOne(deps, command, name, options))
}
