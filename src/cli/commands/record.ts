import type { LookEnd, RecordReport } from '../../commands/record.ts'
import { EXIT } from '../../core/errors.ts'
import { displayText } from '../../core/text.ts'
import { contextOf } from '../context.ts'
import type { RegisterCommand } from '../deps.ts'

interface RecordOptions {
  readonly machine?: string
  readonly cwd: readonly string[]
  readonly into: string
  readonly name?: string
}

const also = (value: string, before: readonly string[]): string[] => [...before, value]

const ended = ({ fault, detail, rows }: LookEnd): string =>
  `${fault === null ? 'up' : `${fault}: ${displayText(detail ?? '', 200)}`}, ${rows} rows`

/** The report as lines for people. */
export const recordLines = ({
  collector,
  dir,
  real,
  played,
  complaints,
  scrubbed,
}: RecordReport): readonly string[] => {
  const taken = Object.entries(scrubbed).map(([what, times]) => `${what} ${times}×`)
  return [
    `${collector}: ${ended(real)}`,
    `played back: ${ended(played)}`,
    ...complaints.map((complaint) => `  ${displayText(complaint, 300)}`),
    `taken out: ${taken.join(', ') || 'nothing'}`,
    `wrote ${dir}`,
    "read it before you give it away: names are taken out where vc knows them, screens and paths are other people's",
  ]
}

export const register: RegisterCommand = (program, deps) => {
  program
    .command('record')
    .description(
      'write what a collector asks a real machine as a fixture that can be played, without names and secrets',
    )
    .argument('<collector>', 'which collector')
    .option('-m, --machine <id>', 'a machine of vc.toml; this one unless named')
    .option('--cwd <dir>', 'a folder agents are taken to work in there (repeatable)', also, [])
    .option('--into <dir>', 'where <collector>/<name> is made', 'recordings')
    .option('--name <name>', 'name of the new folder; recorded-<date> unless named')
    .addHelpText(
      'after',
      '\nExamples:\n  vc record ru -m atlas\n  vc record git --cwd ~/code/shop --name two-branches\n\nNothing is changed on the machine, and no recording is ever overwritten.',
    )
    .action(async (collector: string, { machine, cwd, into, name }: RecordOptions, command) => {
      const ctx = contextOf(command, deps)
      const format = ctx.format(['text', 'json'])
      const [{ recordCollector }, loaded] = await Promise.all([import('../../commands/record.ts'), ctx.config()])
      const wish = { collector, machine, dirs: cwd, into, name, today: new Date() }
      const report = await recordCollector(wish, loaded, await deps.recordPorts(loaded))
      if (format === 'json') ctx.printJson(report)
      else for (const line of recordLines(report)) ctx.print(line)
      if (report.real.fault !== report.played.fault) ctx.exit(EXIT.fault)
    })
}
