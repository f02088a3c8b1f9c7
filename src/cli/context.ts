import type { Command } from 'commander'
import { holderFix, holderWords } from '../commands/holder-words.ts'
import type { StorePlaces } from '../commands/store-places.ts'
import type { LoadedConfig, VcPaths } from '../config/index.ts'
import { type ExitCode, usageError, VcError } from '../core/errors.ts'
import type { Warning } from '../core/rows.ts'
import { displayText, jsonText } from '../core/text.ts'
import type { CliDeps } from './deps.ts'
import { type CliIo, type Paint, paintFor, wantsColour } from './io.ts'
import { asTyped } from './typed-as.ts'

/** `loaded` is null exactly when the file is refused. */
export type Places = { readonly paths: VcPaths } & (
  | { readonly loaded: LoadedConfig; readonly refusal: null }
  | { readonly loaded: null; readonly refusal: VcError }
)

/** What an action needs of the command line: its options, its terminal, its configuration. */
export interface CliContext {
  readonly io: CliIo
  readonly paint: Paint
  /** The value of `--config`, if any. */
  readonly configFlag: string | undefined
  /** Loads the configuration in force and prints its notices once. Throws ConfigError. */
  config(): Promise<LoadedConfig>
  /**
   * Where things lie. A file that is refused must not hide the daemon that runs with what stood there before: then its
   * places, as far as they can be read, and why it is refused.
   */
  places(): Promise<Places>
  /** `--format` (or `--json`) among those the command has. Throws a usage error naming them. */
  format<const F extends string>(allowed: readonly F[]): F
  /** A line (or several) on stdout. */
  print(text: string): void
  printJson(value: unknown): void
  /** Something worth knowing that is not an answer: stderr. */
  note(warning: Warning): void
  exit(code: ExitCode): void
}

interface GlobalOptions {
  readonly config?: string
  readonly format?: string
  readonly json?: boolean
  readonly color?: boolean
}

// bigint and dates come from the store; both have one plain spelling.
const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value)

function chosen<F extends string>(options: GlobalOptions, allowed: readonly F[]): F {
  const wanted = options.json === true ? 'json' : options.format
  const first = allowed[0]
  if (first === undefined) throw new Error('a command must have a format')
  if (wanted === undefined) return first
  const found = allowed.find((name) => name === wanted)
  if (found !== undefined) return found
  throw usageError(
    'bad_format',
    `this command has no format '${displayText(wanted, 40)}'`,
    `formats: ${allowed.join(', ')}`,
  )
}

/** Writes what is worth knowing beside an answer. */
export const noteTo =
  (io: Pick<CliIo, 'stderr' | 'typedAs'>) =>
  ({ message, fix }: Warning): void =>
    void io.stderr.write(`vc: note: ${displayText(message, 1000)} (${displayText(asTyped(io, fix), 1000)})\n`)

export function contextOf(command: Command, deps: CliDeps): CliContext {
  const options = command.optsWithGlobals<GlobalOptions>()
  const paint = paintFor(wantsColour(deps.io, options.color))
  const note = noteTo(deps.io)
  return {
    io: deps.io,
    paint,
    configFlag: options.config,
    async config() {
      const loaded = await deps.loadConfig(options.config)
      for (const notice of loaded.notices) note(notice)
      return loaded
    },
    async places() {
      try {
        const loaded = await this.config()
        return { loaded, paths: loaded.paths, refusal: null }
      } catch (error) {
        // A file that is not there, or that others can write, tells nothing about anybody's places.
        if (!(error instanceof VcError && 'problems' in error)) throw error
        return { loaded: null, paths: await deps.placesDespite(options.config), refusal: error }
      }
    },
    format: (allowed) => chosen(options, allowed),
    print: (text) => void deps.io.stdout.write(`${text}\n`),
    printJson: (value) => void deps.io.stdout.write(`${jsonText(value, plain, 2)}\n`),
    note,
    exit: (code) => {
      deps.outcome.exitCode = code
    },
  }
}

/** Says for whom a command waits that needs the store. */
export const waitNote =
  ({ note }: Pick<CliContext, 'note'>) =>
  (pid: number): void =>
    note({
      code: 'store_waits',
      message: `${holderWords(pid)} has the store open; waiting until it answers or is done, half a minute at most`,
      fix: holderFix(pid, `if it does not: vc daemon stop, or as a last resort kill ${pid}`),
    })

/** Where the store lies, for what is done by whoever owns it. */
export const storePlaces = (
  ctx: Pick<CliContext, 'note'>,
  { paths: { dataDir, dbFile, socketFile } }: Pick<LoadedConfig, 'paths'>,
): StorePlaces => ({ dataDir, dbFile, socketFile, onWait: waitNote(ctx) })
