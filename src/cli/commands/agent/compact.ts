import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const compact: RegisterCommand = (agent, deps) => {
  steering(agent, 'compact', 'have the CLI summarise its context', 'vc agent compact claude-7k2m').action(
    (name: string, options: SteerOptions, command: Command) =>
      steer(deps, command, 'compact', { agent: name }, options),
  )
}
