import { askMoment } from '../../commands/at-moment.ts'
import { usageError } from '../../core/errors.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'
import { askFleet, fleetScreen } from '../fleet-screen.ts'

export const register: RegisterCommand = (program, deps) => {
  program
    .command('at')
    .description('the cockpit as it was: the fleet screen, or any robot topic, at a moment of the past')
    .argument('<when>', '03:12 (your clock), yesterday 14:00, 2h ago, or an ISO time')
    .argument('[topic]', 'a robot topic; without one the fleet screen')
    .argument('[id]', 'for topics about one thing, e.g. machine atlas')
    .addHelpText(
      'after',
      '\nA time before vc first looked is refused (no_history); the answer says which moment it shows.\n\nExamples:\n  vc at 03:12\n  vc at "yesterday 14:00" health\n  vc at 2h machine atlas\n  vc at 2026-11-20T08:00:00Z --json',
    )
    .action(async (when: string, topic: string | undefined, id: string | undefined, _options: unknown, command) => {
      const ctx = contextOf(command, deps)
      // Read here, in the clock of the person who asks; the daemon may live in another time zone.
      const at = askMoment(when, new Date()).toISOString()
      const { reader } = await readerDespite(ctx, deps)
      try {
        if (topic === undefined) {
          const format = ctx.format(['table', 'json'])
          const answers = await askFleet(reader, at)
          if (format === 'json') ctx.printJson({ at, ...answers })
          else ctx.print(fleetScreen(answers, ctx.paint, { width: deps.io.stdout.columns }))
          return
        }
        if (topic.startsWith('-')) throw usageError('bad_topic', `'${topic}' is no topic`, 'vc robot-docs topics')
        const format = ctx.format(['json', 'toon', 'brief'])
        const params = id === undefined ? { at } : { at, id }
        const { text, exit } = await deps.robotAnswer((request) => reader.ask(request), topic, format, params)
        deps.io.stdout.write(text)
        ctx.exit(exit)
      } finally {
        await reader.close()
      }
    })
}
