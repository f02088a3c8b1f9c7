import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const unpause: RegisterCommand = (agent, deps) => {
  steering(
    agent,
    'unpause',
    'restart it by its policy and hand it missions again',
    'vc agent unpause claude-7k2m',
  ).action((name: string, options: SteerOptions, command: Command) =>
    steer(deps, command, 'unpause', { agent: name }, options),
  )
}
