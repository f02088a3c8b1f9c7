import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const interrupt: RegisterCommand = (agent, deps) => {
  steering(agent, 'interrupt', 'end its turn under way; the agent stays', 'vc agent interrupt claude-7k2m').action(
    (name: string, options: SteerOptions, command: Command) =>
      steer(deps, command, 'interrupt', { agent: name }, options),
  )
}
