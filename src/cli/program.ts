import { Command, CommanderError } from 'commander'
import { usageError, type VcError } from '../core/errors.ts'
import type { CliDeps, CommandEntry } from './deps.ts'

const VALUE_OPTIONS = new Set(['--config', '--format'])

/** What of an argv is neither an option nor the value of one that stands before any command. */
export const wordsOf = (argv: readonly string[]): readonly string[] =>
  argv.filter((word, at) => !word.startsWith('-') && !VALUE_OPTIONS.has(argv[at - 1] ?? ''))

/** The command word of an argv; options before it are skipped with their values. */
export function verbOf(argv: readonly string[]): string | undefined {
  return wordsOf(argv).find((word) => word !== 'help')
}

function frame(deps: CliDeps): Command {
  return new Command('vc')
    .description('Vibe Cockpit: what your coding agents do, on every machine, and what to do next')
    .version(deps.version, '-V, --version', 'print the version of vc')
    .option('--config <file>', 'configuration file (else VC_CONFIG, else ~/.config/vc/vc.toml)')
    .option('--format <format>', 'how to print: table, json, … as the command offers')
    .option('--json', 'short for --format json')
    .option('--no-color', 'plain text (NO_COLOR does the same)')
    .helpOption('-h, --help', 'show help; also: vc help <command>')
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(deps.io.stdout.columns ?? 100, 120) })
    .configureOutput({
      writeOut: (text) => void deps.io.stdout.write(text),
      writeErr: (text) => void deps.io.stderr.write(text),
      // Errors are printed in one place, with their fix.
      outputError: () => {},
    })
    .exitOverride()
    .addHelpText(
      'after',
      `\nExamples:\n  vc status\n  vc machines add atlas ubuntu@atlas.internal\n  vc config lint\n\nExit codes: 0 answered, 1 fault, 2 usage or configuration, 3 stale, 4 refused, 5 effect unknown, 124 timed out`,
    )
}

/** The whole command tree; only `only`'s file is loaded when given, the others stand there by name alone. */
export async function buildProgram(
  entries: readonly CommandEntry[],
  deps: CliDeps,
  only: 'all' | { readonly verb: string | undefined },
): Promise<Command> {
  const program = frame(deps)
  for (const entry of entries) {
    if (only === 'all' || entry.name === only.verb) (await entry.load()).register(program, deps)
    else program.command(entry.name).description(entry.about).allowUnknownOption().allowExcessArguments()
  }
  return program
}

/** The commands an argv leads through, as far as there are such: `agent list` of `vc --json agent list --all`. */
export const pathOf = (program: Command, argv: readonly string[]): readonly Command[] => {
  const path: Command[] = []
  let here = program
  for (const word of wordsOf(argv)) {
    const next = here.commands.find((command) => command.name() === word)
    if (next === undefined) break
    path.push(next)
    here = next
  }
  return path
}

const HELP_CODES = new Set(['commander.helpDisplayed', 'commander.help', 'commander.version'])

/** Where a command takes no words, one too many is mostly the name of a machine. */
const machineHint = (command: Command | undefined): string => {
  const flag = command?.options.find(({ long }) => long === '--machine' || long === '--machines')
  return flag === undefined || command?.registeredArguments.length !== 0 ? '' : `a machine: ${flag.flags}; `
}

/** How a command is written that lacks a word: `vc machines show <id>; `. */
const usageHint = (path: readonly Command[]): string => {
  const words = path.at(-1)?.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '…' : '')
    return argument.required ? `<${name}>` : `[${name}]`
  })
  return words === undefined ? '' : `${['vc', ...path.map((command) => command.name()), ...words].join(' ')}; `
}

const hintOf = (code: string, path: readonly Command[]): string => {
  if (code === 'commander.excessArguments') return machineHint(path.at(-1))
  return code === 'commander.missingArgument' ? usageHint(path) : ''
}

/** Help and version are answers, not errors. `vc machines` alone shows help too, but is a usage error. */
export function usageErrorOf(error: CommanderError, path: readonly Command[]): VcError | 'help_asked' | 'help_shown' {
  if (HELP_CODES.has(error.code)) return error.exitCode === 0 ? 'help_asked' : 'help_shown'
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n')
  const [message = '', choices] = first.split('. Allowed choices are ')
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\(Did (.*)\)$/, 'did $1')
  const help = `${hintOf(error.code, path)}see: ${['vc', ...path.map((command) => command.name()), '--help'].join(' ')}`
  const code = error.code.replace('commander.', '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return usageError(
    code,
    message,
    choices === undefined ? suggestion || help : `choose from: ${choices.replace(/\.$/, '')}`,
  )
}

export { CommanderError }
