import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type SteerOptions, steer, steering } from './steering.ts'

export const adopt: RegisterCommand = (agent, deps) => {
  steering(agent, 'adopt', 'let vc steer an agent that it only observed', 'vc agent adopt claude-7k2m').action(
    (name: string, options: SteerOptions, command: Command) => steer(deps, command, 'adopt', { agent: name }, options),
  )
}
