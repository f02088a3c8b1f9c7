import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'

export const register: RegisterCommand = (program, deps) => {
  program
    .command('robot-docs')
    .description('what agents need to know: schemas, examples, topics, guide')
    .argument('<what>', 'schemas | examples | topics | guide')
    .argument('[topic]', 'only this topic (schemas, examples, topics)')
    .addHelpText(
      'after',
      '\nExamples:\n  vc robot-docs guide\n  vc robot-docs topics usage\n  vc robot-docs schemas health',
    )
    .action(async (what: string, topic: string | undefined, _options: unknown, command) => {
      const ctx = contextOf(command, deps)
      ctx.print(await deps.robotDocs(what, topic, ctx.configFlag === undefined))
    })
}
