import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type AnswerOptions, answering, answerParams } from './answering.ts'
import { steer } from './steering.ts'

export const approve: RegisterCommand = (agent, deps) => {
  answering(agent, 'approve', 'answer the dialog it shows with yes; you see the dialog first').action(
    (name: string, options: AnswerOptions, command: Command) =>
      steer(deps, command, 'approve', answerParams(name, options), options),
  )
}
