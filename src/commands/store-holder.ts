// By file: whoever asks needs no database library.
import { lockIsFree, readLock } from '../store/lock.ts'

/** The live process that owns a data folder, whether it answers or not; null when nobody does. */
export const storeHolder = async (dataDir: string): Promise<number | null> => {
  if (await lockIsFree(dataDir)) return null
  const holder = await readLock(dataDir)
  return holder === null || holder === 'unreadable' ? null : holder.pid
}
