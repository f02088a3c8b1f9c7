import { type AskedQuestion, askQuestion } from '../../commands/ask-question.ts'
import { EXIT, usageError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'
import { readerDespite } from '../despite-config.ts'

const line = (text: string): string => displayText(text, 500)

const understood = (ctx: CliContext, said: AskedQuestion): string =>
  [
    line(said.answer),
    ...said.evidence.map(({ text, from }) => `  - ${line(text)} ${ctx.paint('dim', `[${from}]`)}`),
    ...said.notes.map((note) => `  note: ${line(note)}`),
    ...said.warnings.map((warning) => `  warning: ${line(warning)}`),
    ...(said.commands.length > 0 ? ['', 'Next:'] : []),
    ...said.commands.map(({ command, reason }) => `  ${line(command)}\n    ${ctx.paint('dim', line(reason))}`),
  ].join('\n')

const refused = (said: AskedQuestion): string =>
  [
    line(said.answer),
    ...(said.can_ask.length > 0 ? ['', 'vc understands questions about:'] : []),
    ...said.can_ask.map(({ about, example }) => `  ${about.padEnd(64)} ${example}`),
  ].join('\n')

export const register: RegisterCommand = (program, deps) => {
  program
    .command('ask')
    .description('a question in words, answered from fixed queries, with evidence and commands to paste')
    .argument('<question...>', 'e.g. "why is atlas slow?"')
    .addHelpText(
      'after',
      '\nExamples:\n  vc ask "why is atlas slow?"\n  vc ask who needs me\n  vc ask "what did it cost this week?" --json',
    )
    .action(async (words: readonly string[], _options: unknown, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['table', 'json'])
      const question = words.join(' ').trim()
      if (question === '') throw usageError('no_question', 'the question is empty', 'vc ask "who needs me?"')
      const { reader } = await readerDespite(ctx, deps)
      try {
        const said = await askQuestion((request) => reader.ask(request), question, new Date())
        if (format === 'json') ctx.printJson(said)
        else ctx.print(said.understood ? understood(ctx, said) : refused(said))
        if (!said.understood) ctx.exit(EXIT.usage)
      } finally {
        await reader.close()
      }
    })
}
