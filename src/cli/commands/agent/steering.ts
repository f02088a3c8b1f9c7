import type { Command } from 'commander'
import type { ActWish } from '../../../core/action.ts'
import { actAndPrint } from '../../act.ts'
import { contextOf } from '../../context.ts'
import type { CliDeps } from '../../deps.ts'

export interface SteerOptions {
  readonly yes?: boolean
}

/** What all verbs that touch an agent have in common: the agent, `--yes`, an example. */
export const steering = (agent: Command, verb: string, about: string, example: string): Command =>
  agent
    .command(verb)
    .description(about)
    .argument('<agent>', 'agent id, session id, or an unambiguous beginning')
    .option('-y, --yes', 'do not ask; a terminal is needed all the same')
    .addHelpText('after', `\nExamples:\n  ${example}`)

/** Proposes it to whoever owns the store, asks, and prints what came of it. */
export const steer = (
  deps: CliDeps,
  command: Command,
  verb: string,
  params: ActWish['params'],
  options: SteerOptions,
): Promise<void> => actAndPrint(contextOf(command, deps), deps, { verb: `agent.${verb}`, params }, options)
