import { refusalWords } from '../commands/refusal-words.ts'
import type { LoadedConfig } from '../config/index.ts'
import type { Reader } from '../core/carrier.ts'
import type { VcError } from '../core/errors.ts'
import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'

/** Beside an answer of a daemon that runs with what the file said before. */
export const refusalNote = (ctx: CliContext, refusal: VcError): void => ctx.note(refusalWords(refusal))

/** Whom it was told: a command may open a reader for each of its questions. */
const noted = new WeakSet<CliContext['io']>()

interface Opener {
  /** Null where the file is refused. */
  readonly loaded: LoadedConfig | null
  open(): Promise<Reader>
}

/** How whoever answers is opened; where the file is refused only the daemon that runs with what it said before, which is told once. */
export const openerDespite = async (
  ctx: CliContext,
  deps: Pick<CliDeps, 'openReader' | 'runningReader'>,
): Promise<Opener> => {
  const { loaded, paths, refusal } = await ctx.places()
  if (refusal === null) return { loaded, open: () => deps.openReader(loaded) }
  const open = async (): Promise<Reader> => {
    const reader = await deps.runningReader(paths)
    if (reader === null) throw refusal
    if (!noted.has(ctx.io)) refusalNote(ctx, refusal)
    noted.add(ctx.io)
    return reader
  }
  return { loaded: null, open }
}

/** Whoever answers. Throws the refusal of the file where no daemon runs. */
export const readerDespite = async (
  ctx: CliContext,
  deps: Pick<CliDeps, 'openReader' | 'runningReader'>,
): Promise<{ readonly loaded: LoadedConfig | null; readonly reader: Reader }> => {
  const { loaded, open } = await openerDespite(ctx, deps)
  return { loaded, reader: await open() }
}
