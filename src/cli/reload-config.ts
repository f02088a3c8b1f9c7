import type { RunningCockpit } from '../core/cockpit.ts'
import { messageOf, VcError } from '../core/errors.ts'
import type { CliContext } from './context.ts'

/**
 * Lets a cockpit take up its file, and says what came of it; a file that is refused changes nothing. One that only starts is
 * waited for: it may have read its file before that was changed.
 */
export const reloadConfig = async (
  ctx: CliContext,
  starting: Promise<Pick<RunningCockpit, 'reload'>>,
): Promise<void> => {
  // Why it did not start is told by whoever started it.
  const cockpit = await starting.catch(() => null)
  if (cockpit === null) return
  try {
    await cockpit.reload()
    ctx.print('vc: configuration reloaded')
  } catch (error) {
    ctx.note({
      code: 'reload_refused',
      message: `the new configuration is refused and the old one stays: ${messageOf(error)}`,
      fix: fixOf(error),
    })
  }
}

// What is wrong inside the file is told line by line there, with all else that is wrong.
const fixOf = (error: unknown): string =>
  error instanceof VcError && error.code === 'restart_needed' ? error.fix : 'vc config lint'
