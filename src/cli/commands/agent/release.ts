import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const release: RegisterCommand = (agent, deps) => {
  steering(agent, 'release', 'only observe an adopted agent from now on', 'vc agent release claude-7k2m').action(
    (name: string, options: SteerOptions, command: Command) =>
      steer(deps, command, 'release', { agent: name }, options),
  )
}
