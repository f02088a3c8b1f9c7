import { displayText } from '../core/text.ts'
import type { CliContext } from './context.ts'

/** Of a warning: the store takes no rows, so all that is shown grows old. No finding and no alert can tell of it. */
export const isOfStore = (text: string): boolean => text.startsWith('store_')

/**
 * What stands beside an answer that is shown as text: that it is about the past right above it, all else on stderr. In JSON the
 * warnings are part of the answer. `said`: codes of those that the text itself says.
 */
export const sayWarnings = (
  ctx: Pick<CliContext, 'io' | 'paint' | 'print'>,
  warnings: readonly string[] | undefined,
  said: readonly string[] = [],
): void => {
  for (const text of warnings ?? [])
    if (said.some((code) => text.startsWith(`${code}: `))) continue
    else if (text.startsWith('past: ')) ctx.print(ctx.paint('bad', displayText(text, 300)))
    else ctx.io.stderr.write(`vc: note: ${displayText(text, 500)}\n`)
}
