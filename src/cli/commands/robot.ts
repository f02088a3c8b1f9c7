import { usageError } from '../../core/errors.ts'
import { parseRobotArgv, robotArgvProblem } from '../../core/robot-argv.ts'
import { displayText } from '../../core/text.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'

export const register: RegisterCommand = (program, deps) => {
  program
    .command('robot')
    .description('answers for agents: one JSON envelope per question')
    .argument('<topic>', 'health, status, triage, machines, … (vc robot-docs topics)')
    .argument('[id]', 'for topics about one thing, e.g. machine atlas')
    .allowUnknownOption()
    .allowExcessArguments()
    .option('--require-fresh', 'exit 3 when something asked for is stale or unreachable')
    .addHelpText(
      'after',
      '\nParameters of a topic are options: vc robot-docs topics lists them.\n\nExamples:\n  vc robot triage --format toon\n  vc robot health --format brief\n  vc robot machine atlas --json\n  vc robot usage --since 7d --by day --json',
    )
    .action(async (_topic: string, _id: string | undefined, _options: unknown, command) => {
      const ctx = contextOf(command, deps)
      const wanted = parseRobotArgv(deps.argv)
      if (wanted === null)
        throw usageError(
          'bad_arguments',
          displayText(robotArgvProblem(deps.argv), 200),
          'vc robot <topic> [id] [--param value …]; vc robot-docs topics lists topics and parameters',
        )
      const { reader } = await readerDespite(ctx, deps)
      try {
        const { text, exit } = await deps.robotAnswer(
          (request) => reader.ask(request),
          wanted.topic,
          wanted.format,
          wanted.params,
        )
        deps.io.stdout.write(text)
        ctx.exit(exit)
      } finally {
        await reader.close()
      }
    })
}
