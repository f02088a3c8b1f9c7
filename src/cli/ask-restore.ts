import type { RestorePlan } from '../commands/db-restore.ts'
import { EXIT, VcError } from '../core/errors.ts'
import { displayText } from '../core/text.ts'
import { askYes } from './ask-person.ts'
import type { CliContext } from './context.ts'
import { isInteractive } from './io.ts'

const lossText = (plan: RestorePlan): string => {
  if (plan.presentWhy === 'absent') return 'there is no present file, so nothing is replaced'
  if (plan.presentWhy === 'unreadable')
    return 'the present file does not open, so what it holds beyond the backup cannot be counted'
  if (plan.lost.length === 0) return 'the present file holds no rows that the backup lacks'
  const shown = plan.lost.slice(0, 8).map(({ table, rows }) => `${table} ${rows}`)
  const more = plan.lost.length > shown.length ? `, and ${plan.lost.length - shown.length} more tables` : ''
  return `rows since the backup, no longer in the database after it: ${shown.join(', ')}${more}`
}

/** What a restore means, in two lines. */
export const planLines = (plan: RestorePlan): readonly string[] => [
  `the backup's newest run is from ${plan.backupScan.newestAt ?? 'an unknown time'}${plan.present?.newestAt ? `, the present file's from ${plan.present.newestAt}` : ''}`,
  displayText(lossText(plan), 600),
]

/** Asks a person on a terminal; elsewhere only `--yes` is a yes. */
export const confirmRestore = async (ctx: CliContext, plan: RestorePlan, yes: boolean): Promise<boolean> => {
  if (yes) return true
  if (!isInteractive(ctx.io)) {
    throw new VcError(
      'needs_yes',
      `nobody is here to confirm: ${planLines(plan).join('; ')}`,
      'when that is right: add --yes',
      {
        exitCode: EXIT.refused,
      },
    )
  }
  for (const line of planLines(plan)) ctx.print(line)
  return askYes(ctx.io, 'Restore it? The present file is moved aside and kept.')
}
