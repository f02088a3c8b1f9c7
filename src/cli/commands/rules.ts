import { readFile } from 'node:fs/promises'
import type { StepReport } from '../../commands/rules-test.ts'
import { EXIT, VcError } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { type CliContext, contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new VcError('no_file', `${file} cannot be read (${error.code})`, 'name a file of samples: docs/alerts.md', {
      exitCode: EXIT.usage,
    })
  })

const stepLines = (ctx: CliContext, step: StepReport): readonly string[] => [
  `${step.at.padStart(6)}  ${step.asExpected === null ? '' : step.asExpected ? ctx.paint('good', 'as expected') : ctx.paint('bad', 'NOT as expected')}`,
  ...step.firing.map(
    (id, at) => `        firing   ${displayText(id, 200)}: ${displayText(step.titles[at] ?? '', 200)}`,
  ),
  ...step.pending.map((id) => `        pending  ${displayText(id, 200)}`),
  ...step.missing.map((id) => ctx.paint('bad', `        missing  ${displayText(id, 200)}`)),
  ...step.unexpected.map((id) => ctx.paint('bad', `        too many ${displayText(id, 200)}`)),
  ...step.troubles.map((why) => ctx.paint('warn', `        ${displayText(why, 300)}`)),
]

const tryRules = async (ctx: CliContext, file: string): Promise<void> => {
  const format = ctx.format(['table', 'json'])
  const { config } = await ctx.config()
  const { readSample, testRules } = await import('../../commands/rules-test.ts')
  const steps = testRules(config.rules, readSample(await textOf(file), file))
  if (steps.some((step) => step.asExpected === false || step.troubles.length > 0)) ctx.exit(EXIT.fault)
  if (format === 'json') return ctx.printJson({ steps })
  if (config.rules.length === 0)
    ctx.note({ code: 'no_rules', message: 'vc.toml has no [[rules]]', fix: 'docs/alerts.md' })
  ctx.print(steps.flatMap((step) => stepLines(ctx, step)).join('\n'))
}

export const register: RegisterCommand = (program, deps) => {
  const rules = program
    .command('rules')
    .description('your own alert rules')
    .addHelpText('after', '\nExamples:\n  vc rules test samples.json')
  rules
    .command('test')
    .description('play samples to the rules of vc.toml and say what would fire when')
    .argument('<file>', 'samples as JSON: docs/alerts.md')
    .addHelpText('after', '\nExamples:\n  vc rules test samples.json\n  vc rules test samples.json --json')
    .action((file: string, _options, command) => tryRules(contextOf(command, deps), file))
}
