import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const stop: RegisterCommand = (agent, deps) => {
  steering(
    agent,
    'stop',
    'end all processes of an agent and start it no more; survivors are named',
    'vc agent stop claude-7k2m',
  ).action((name: string, options: SteerOptions, command: Command) =>
    steer(deps, command, 'stop', { agent: name }, options),
  )
}
