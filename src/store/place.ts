import { stat } from 'node:fs/promises'
import { lockIsLost, type StoreLock } from './lock.ts'

/**
 * A file that was moved or removed under the one who has it open takes in what is written and keeps it elsewhere, or nowhere.
 * Returns the refusal, or null while the file is where it was opened; it is asked before every group, so that writing goes on
 * by itself when the file is put back.
 */
export const awayFromPlace = async (path: string, lock: StoreLock): Promise<string | null> => {
  const why = await stat(path).then(
    () => null,
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' || error.code === 'ENOTDIR' ? `${path} is gone` : null),
  )
  if (why !== null) return `store_moved: ${why}; nothing is written until it is back`
  if (await lockIsLost(lock)) return `store_moved: another process has taken ${path}; nothing is written to it any more`
  return null
}
