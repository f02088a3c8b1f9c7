import type { Command } from 'commander'
import type { ActWish } from '../../../core/action.ts'
import { type SteerOptions, steering } from './steering.ts'

export interface AnswerOptions extends SteerOptions {
  readonly label?: string
  readonly dialog?: string
}

/** `approve` and `reject`: bound to the dialog that is shown, or to the one of `--dialog`. */
export const answering = (agent: Command, verb: string, about: string): Command =>
  steering(agent, verb, about, `vc agent ${verb} claude-7k2m\n  vc agent ${verb} claude-7k2m --dialog 3fa91c2b7d10`)
    .option('--label <label>', 'choose the option with this label instead')
    .option('--dialog <hash>', 'only if this is the dialog: its hash as vc shows it')

export const answerParams = (name: string, { label, dialog }: AnswerOptions): ActWish['params'] => ({
  agent: name,
  ...(label === undefined ? {} : { label }),
  ...(dialog === undefined ? {} : { dialog }),
})
