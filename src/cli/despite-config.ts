import { refusalWords } from '../commands/refusal-words.ts'
import type { LoadedConfig } from '../config/index.ts'
import type { Reader } from '../core/carrier.ts'
import type { VcError } from '../core/errors.ts'
import type { CliContext } from './context.ts'
import type { CliDeps } from './deps.ts'

/** Beside an answer of a daemon that runs with what the file said before. */
export const refusalNote = (ctx: CliContext, refusal: VcError): void => ctx.note(refusalWords(refusal))

/** Whoever answers; where the file is refused only the daemon that runs with what it said before. Throws the refusal else. */
export const readerDespite = async (
  ctx: CliContext,
  deps: CliDeps,
): Promise<{ readonly loaded: LoadedConfig | null; readonly reader: Reader }> => {
  const { loaded, paths, refusal } = await ctx.places()
  if (refusal === null) return { loaded, reader: await deps.openReader(loaded) }
  const reader = await deps.runningReader(paths)
  if (reader === null) throw refusal
  refusalNote(ctx, refusal)
  return { loaded, reader }
}
