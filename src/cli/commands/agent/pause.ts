import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const pause: RegisterCommand = (agent, deps) => {
  steering(
    agent,
    'pause',
    'leave it alone: no restart, no missions, no nudges until you say so; its process goes on',
    'vc agent pause claude-7k2m',
  ).action((name: string, options: SteerOptions, command: Command) =>
    steer(deps, command, 'pause', { agent: name }, options),
  )
}
