import type { RunningCockpit } from '../core/cockpit.ts'
import { messageOf } from '../core/errors.ts'
import type { CliContext } from './context.ts'

/** Lets a cockpit take up its file, and says what came of it; a file that is refused changes nothing. */
export const reloadConfig = (ctx: CliContext, cockpit: () => Pick<RunningCockpit, 'reload'>): void => {
  cockpit()
    .reload()
    .then(
      () => ctx.print('vc: configuration reloaded'),
      (error: unknown) =>
        ctx.note({
          code: 'reload_refused',
          message: `the new configuration is refused and the old one stays: ${messageOf(error)}`,
          fix: 'vc config lint',
        }),
    )
}
