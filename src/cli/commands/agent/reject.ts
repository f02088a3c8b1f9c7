import type { Command } from 'commander'
import type { RegisterCommand } from '../../deps.ts'
import { type AnswerOptions, answering, answerParams } from './answering.ts'
import { steer } from './steering.ts'

export const reject: RegisterCommand = (agent, deps) => {
  answering(agent, 'reject', 'answer the dialog it shows with no; you see the dialog first').action(
    (name: string, options: AnswerOptions, command: Command) =>
      steer(deps, command, 'reject', answerParams(name, options), options),
  )
}
