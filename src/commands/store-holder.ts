import { EXIT, VcError } from '../core/errors.ts'
// By file: whoever asks needs no database library.
import { lockedError, lockIsFree, readLock } from '../store/lock.ts'
import { holderFix, holderWords, isStopped } from './holder-words.ts'

/** The live process that owns a data folder, whether it answers or not; null when nobody does. */
export const storeHolder = async (dataDir: string): Promise<number | null> => {
  if (await lockIsFree(dataDir)) return null
  const holder = await readLock(dataDir)
  return holder === null || holder === 'unreadable' ? null : holder.pid
}

/** Why nothing could be done beside a process that has the store and neither answers nor ends. */
export const silentHolder = async (dataDir: string): Promise<VcError> => {
  const lock = await readLock(dataDir)
  const pid = await storeHolder(dataDir)
  if (pid === null || lock === null || lock === 'unreadable') return lockedError(dataDir, lock)
  return new VcError(
    'store_locked',
    `${holderWords(pid)} has owned ${dataDir} since ${lock.at} and does not answer`,
    holderFix(pid, `wait for it, or end it: vc daemon stop (as a last resort: kill ${pid})`),
    { exitCode: EXIT.timedOut },
  )
}

/**
 * Refuses at once where a signal stopped whoever has the store: a wait would be in vain, and a wish that is sent all the same is
 * carried out when it goes on, behind the back of whoever has given up.
 */
export const refuseStopped = async (dataDir: string): Promise<void> => {
  const pid = await storeHolder(dataDir)
  if (pid !== null && isStopped(pid)) throw await silentHolder(dataDir)
}
