import type { BegunAnew, Reader } from '../core/carrier.ts'
import { displayText } from '../core/text.ts'
import type { CliContext } from './context.ts'

type Notes = Pick<CliContext, 'note'>

/** Said by whatever begins to write into a database that took the place of one that backups remember. */
export const sayBegunAnew = (ctx: Notes, found: BegunAnew | null): void => {
  if (found === null) return
  ctx.note({ code: 'begun_anew', message: displayText(found.message, 500), fix: displayText(found.fix, 10_000) })
}

/** The same of a database that another process has. */
export const askBegunAnew = async (ctx: Notes, reader: Pick<Reader, 'ask'>): Promise<void> => {
  // Beside the matter: whoever asks for the health of the fleet hears it again, and why it could not be told.
  const reply = await reader.ask({ topic: 'health', params: {} }).catch(() => null)
  sayBegunAnew(ctx, reply?.begunAnew ?? null)
}
