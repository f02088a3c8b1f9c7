import { usageError } from '../core/errors.ts'
import { notLoadedWords } from '../core/unloaded-config.ts'
import type { QueryContext } from './define.ts'

/** Throws where a machine that nobody looks at stands in a configuration file that is not loaded. */
export const refuseNotLoaded = async (ctx: QueryContext, id: string): Promise<void> => {
  const unloaded = (await ctx.unloaded?.()) ?? null
  if (unloaded?.machines.includes(id))
    throw usageError('machine_not_loaded', notLoadedWords(id, unloaded), unloaded.fix)
}
