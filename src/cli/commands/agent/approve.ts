import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import { contextOf } from '../../context.ts'
import type { RegisterCommand } from '../../deps.ts'
import { type AnswerOptions, answering, answerParams } from './answering.ts'
import { steer } from './steering.ts'

interface ApproveOptions extends AnswerOptions {
  readonly same?: boolean
}

// One yes for several is given by whoever read what it is for; a label or a hash is about one dialog.
const notWithSame = ({ label, dialog, yes }: AnswerOptions): string | null =>
  yes === true ? '--yes' : label !== undefined ? '--label' : dialog !== undefined ? '--dialog' : null

export const approve: RegisterCommand = (agent, deps) => {
  answering(agent, 'approve', 'answer the dialog it shows with yes; you see the dialog first')
    .option(
      '--same',
      'and all agents of the same CLI that wait with the identical dialog: one yes, each answered in turn',
    )
    .action(async (name: string, options: ApproveOptions, command: Command) => {
      if (options.same !== true) return steer(deps, command, 'approve', answerParams(name, options), options)
      const not = notWithSame(options)
      if (not !== null)
        throw usageError(
          'bad_same',
          `--same asks for one yes to the dialog as it is shown, so ${not} does not go with it`,
          `vc agent approve ${name} --same`,
        )
      const { approveSame } = await import('./approve-same.ts')
      return approveSame(contextOf(command, deps), deps, name)
    })
}
