import type { RegisterCommand } from '../deps.ts'
import { agentVerbs } from './agent/index.ts'

export const register: RegisterCommand = (program, deps) => {
  const agent = program
    .command('agent')
    .description('agents: look, steer and keep them; vc asks before it touches one')
    .addHelpText(
      'after',
      '\nExamples:\n  vc agent send atlas/claude-7k2m "run the tests"\n  vc agent approve claude-7k2m\n  vc agent adopt claude-7k2m',
    )
  for (const add of agentVerbs) add(agent, deps)
}
