import { usageError } from '../core/errors.ts'
import { planRestore, type Restored, type RestorePlan, restoreBackup } from '../store/index.ts'
import { openJobRunner } from '../transport/jobs.ts'
import { fileNamed, isSameFile } from './file-named.ts'
import { refuseDaemon, type StorePlaces, takeLock } from './store-places.ts'

export type { RestorePlan }

/** Shows the plan and asks; only a clear yes goes on. */
export type AskRestore = (plan: RestorePlan) => Promise<boolean>

/**
 * Reads the backup to its end, says what would be lost, asks, moves the present file aside and puts the backup in its
 * place. Null when the answer was no. vc's lock is held from the first look to the last rename.
 */
export const restoreStore = async (
  places: StorePlaces,
  named: string,
  ask: AskRestore,
  now: Date,
): Promise<{ readonly plan: RestorePlan; readonly moved: Restored } | null> => {
  await refuseDaemon(places, 'its file cannot be replaced under it')
  const backup = await fileNamed(named)
  if (await isSameFile(backup, places.dbFile))
    throw usageError('present_file', `${backup} is the present file itself`, 'name a backup: vc db info lists them')
  const lock = await takeLock(places)
  try {
    const plan = await planRestore(openJobRunner(), backup, places.dbFile)
    if (!(await ask(plan))) return null
    return { plan, moved: await restoreBackup(backup, places.dbFile, now) }
  } finally {
    await lock.release()
  }
}
