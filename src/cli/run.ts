import type { Command } from 'commander'
import { EXIT, type ExitCode, usageError, type VcError } from '../core/errors.ts'
import { suggestName } from '../core/nearest.ts'
import { displayText } from '../core/text.ts'
import type { CliDeps } from './deps.ts'
import { printError } from './print-error.ts'
import { buildProgram, CommanderError, pathOf, usageErrorOf, verbOf, wordsOf } from './program.ts'

const asksJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, at) => word === '--json' || word === '--format=json' || (word === '--format' && argv[at + 1] === 'json'),
  )

/** `vc help agent list`, `vc agent help list`: commander reads one word behind help, and takes one it does not know for none. */
const helpedBy = (program: Command, argv: readonly string[]): Command | null => {
  const words = wordsOf(argv)
  let here = program
  let asked = false
  for (const [depth, word] of words.entries()) {
    // Below a command that takes words of its own, help is such a word.
    if (here.commands.length === 0) break
    if (word === 'help') {
      asked = true
      continue
    }
    const next = here.commands.find((command) => command.name() === word)
    if (next === undefined && !asked) return null
    if (next === undefined) {
      const path = words.slice(0, depth + 1).filter((one) => one !== 'help')
      const names = here.commands.map((command) => command.name())
      throw usageError(
        'unknown_command',
        `unknown command '${displayText(path.join(' '), 40)}'`,
        suggestName(word, names),
      )
    }
    here = next
  }
  return asked ? here : null
}

/** `vc usage`: no command, but a question that `vc robot` answers. */
const orTopic = async (error: VcError, { argv, entries }: CliDeps): Promise<VcError> => {
  const word = verbOf(argv)
  if (error.code !== 'unknown_command' || entries.some((entry) => entry.name === word)) return error
  const { queries } = await import('../queries/index.ts')
  const asked = queries.find(({ name }) => name === word)
  if (asked === undefined) return error
  const told = `vc robot ${word} tells it: ${asked.summary}`
  return usageError(
    'unknown_command',
    error.message,
    error.fix.startsWith('did you') ? `${error.fix} Or: ${told}` : told,
  )
}

/** Runs one command line to its exit code. Never throws; every error is printed with its fix. */
export async function runCli(deps: CliDeps): Promise<ExitCode> {
  const { argv } = deps
  let path: readonly Command[] = []
  try {
    const program = await buildProgram(deps.entries, deps, { verb: verbOf(argv) })
    if (argv.length === 0) {
      program.outputHelp()
      return EXIT.answered
    }
    helpedBy(program, argv)?.help()
    path = pathOf(program, argv)
    await program.parseAsync([...argv], { from: 'user' })
    return deps.outcome.exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(deps.io, error, asksJson(argv))
    const usage = usageErrorOf(error, path)
    if (usage === 'help_asked') return EXIT.answered
    if (usage === 'help_shown') return EXIT.usage
    return printError(deps.io, await orTopic(usage, deps), asksJson(argv))
  }
}
