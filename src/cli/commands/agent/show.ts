import type { Command } from 'commander'
import { usageError } from '../../../core/errors.ts'
import { displayText } from '../../../core/text.ts'
import { type CliContext, contextOf } from '../../context.ts'
import type { CliDeps, RegisterCommand } from '../../deps.ts'
import { agentLines, askEngine, type EngineAgent } from '../../engine-print.ts'
import { readPast } from '../../read-past.ts'
import { sayWarnings } from '../../say-warnings.ts'

/** The one agent of an answer about a name. Throws a usage error for none or several. */
export const onlyOne = (agents: readonly EngineAgent[], name: string): EngineAgent => {
  const [only] = agents.filter((one) => one.agent === name).concat(agents)
  if (only !== undefined && (agents.length === 1 || only.agent === name)) return only
  throw agents.length === 0
    ? usageError(
        'unknown_agent',
        `vc keeps no agent called “${displayText(name, 80)}”`,
        `vc agent list; vc explain ${displayText(name, 80)} for one it only sees`,
      )
    : usageError(
        'ambiguous_agent',
        `“${displayText(name, 80)}” fits ${agents.length} agents`,
        `name one: ${agents
          .slice(0, 5)
          .map((one) => one.agent)
          .join(', ')}`,
      )
}

const show = async (ctx: CliContext, deps: CliDeps, name: string, at: string | undefined): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { data, warnings } = await askEngine(ctx, deps, { agent: name, at, all: true, since: '30d' })
  const one = onlyOne(data.agents, name)
  const events = data.events.filter((event) => event.agent === one.agent)
  if (format === 'json') return ctx.printJson({ ...one, events, warnings })
  sayWarnings(ctx, warnings)
  const past = events.map(
    (event) => `  ${event.ts}  ${event.type}${event.detail === null ? '' : `: ${displayText(event.detail, 200)}`}`,
  )
  ctx.print(
    [...agentLines(ctx, one), ...(past.length > 0 ? ['  what happened, newest first:', ...past] : [])].join('\n'),
  )
}

export const showAgent: RegisterCommand = (agent, deps) => {
  agent
    .command('show')
    .description('one agent that vc keeps: what it is, how it does, what happened')
    .argument('<agent>', 'agent id, or an unambiguous beginning')
    .option('--at <when>', 'the past: an age such as 2h, or an ISO time', readPast)
    .addHelpText('after', '\nExamples:\n  vc agent show claude-7k2m')
    .action((name: string, options: { readonly at?: string }, command: Command) =>
      show(contextOf(command, deps), deps, name, options.at),
    )
}
