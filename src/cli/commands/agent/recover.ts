import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import { displayText } from '../../../core/text.ts'
import { type CliContext, contextOf } from '../../context.ts'
import type { CliDeps, RegisterCommand } from '../../deps.ts'
import { askEngine, statusText } from '../../engine-print.ts'
import { sayWarnings } from '../../say-warnings.ts'
import { type SteerOptions, steer } from './steering.ts'

interface RecoverOptions extends SteerOptions {
  readonly machine?: string
  readonly resume?: boolean
  readonly fresh?: boolean
  readonly forget?: boolean
}

/** An agent that ended long ago can come back, too. */
const MOST_ENDED = 100_000

const plans = async (
  ctx: CliContext,
  deps: CliDeps,
  agent: string | undefined,
  machine: string | undefined,
): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { data, warnings } = await askEngine(ctx, deps, { agent, machine, ended: MOST_ENDED })
  const lost = data.agents.filter((one) => one.recovery !== null)
  if (format === 'json')
    return ctx.printJson({
      plans: lost.map((one) => ({ agent: one.agent, status: one.status, ...one.recovery })),
      warnings,
    })
  sayWarnings(ctx, warnings)
  const lines = lost.flatMap((one) => [
    `${ctx.paint('strong', displayText(one.agent))}  ${statusText(ctx, one.status)}: ${displayText(one.recovery?.why ?? '', 300)}`,
    ...(one.recovery?.options ?? []).map(({ way, not, says }) =>
      not === null
        ? `  ${way === one.recovery?.proposed ? ctx.paint('good', `--${way}`) : `--${way}`}  ${displayText(says, 200)}`
        : ctx.paint('dim', `  --${way}  not possible: ${displayText(not, 200)}`),
    ),
  ])
  ctx.print(
    lines.length > 0
      ? [...lines, '', 'nothing is done unless you say so: vc agent recover <agent> --resume'].join('\n')
      : 'nothing to recover',
  )
}

const wayOf = ({ resume, fresh, forget }: RecoverOptions): string | null => {
  const chosen = [resume && 'resume', fresh && 'fresh', forget && 'forget'].filter((one) => typeof one === 'string')
  if (chosen.length > 1) throw usageError('two_ways', `${chosen.join(' and ')} exclude each other`, 'choose one')
  return chosen[0] ?? null
}

export const recover: RegisterCommand = (agent, deps) => {
  agent
    .command('recover')
    .description('agents that a reboot or their end took away: what can be done; done only as you say')
    .argument('[agent]', 'agent id, or an unambiguous beginning; without it the plan of all')
    .option('-m, --machine <id>', 'only the plan of this machine')
    .option('--resume', "go on with the CLI's own session")
    .option('--fresh', 'start again with a new session')
    .option('--forget', 'do not bring it back; its history stays')
    .option('-y, --yes', 'do not ask; a terminal is needed all the same')
    .addHelpText(
      'after',
      '\nExamples:\n  vc agent recover\n  vc agent recover claude-7k2m --resume\n  vc agent recover claude-7k2m --forget',
    )
    .action(async (name: string | undefined, options: RecoverOptions, command: Command) => {
      const how = wayOf(options)
      if (how === null) return plans(contextOf(command, deps), deps, name, options.machine)
      if (name === undefined)
        throw usageError(
          'no_agent',
          'no agent is named; vc recovers one at a time, as told',
          'vc agent recover shows them',
        )
      return steer(deps, command, 'recover', { agent: name, how }, options)
    })
}
