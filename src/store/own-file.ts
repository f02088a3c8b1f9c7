import { chmod, lstat, rm, stat } from 'node:fs/promises'
import { usageError } from '../core/errors.ts'
import { refusalOf } from '../core/refusal.ts'
import { logOf, sizeOf } from './backup-files.ts'

/**
 * The folder of a database may be shared with others, its file and log never are: what others may read is closed to them, and
 * a file, or a link in its place, that somebody else put there is refused. Throws `unsafe_file`.
 */
export const ownFiles = async (dbPath: string): Promise<void> => {
  const uid = process.getuid?.()
  for (const path of [dbPath, logOf(dbPath)]) {
    const named = await lstat(path).catch(() => null)
    if (named === null) continue
    const found = (await stat(path).catch(() => null)) ?? named
    for (const { uid: owner } of [named, found]) {
      if (uid === undefined || owner === uid) continue
      throw usageError(
        'unsafe_file',
        `${path} belongs to uid ${owner}, not to you (uid ${uid})`,
        'name another place: [vc] db_path or data_dir; or let its owner run vc',
      )
    }
    if ((found.mode & 0o077) === 0 || found.isSymbolicLink()) continue
    await chmod(path, found.mode & 0o700).catch((error: unknown) => {
      throw refusalOf(error, path) ?? error
    })
  }
}

/**
 * Throws where a log lies and the file it belongs to does not, or is empty: the engine would begin an empty one and delete the
 * log, with all that it alone holds. Call it before the file is opened.
 */
export const refuseLoneLog = async (dbPath: string): Promise<void> => {
  if ((await sizeOf(logOf(dbPath))) && !(await sizeOf(dbPath)))
    throw new Error(`its log ${logOf(dbPath)} is there, and the file itself is gone or empty`)
}

/**
 * A file of no bytes is what a kill, a quota or a refused lock leaves of a database that was about to be made. The engine takes
 * it for a broken one for ever, though nothing was ever in it.
 */
export const dropEmptyFile = async (dbPath: string): Promise<void> => {
  if ((await sizeOf(dbPath)) === 0 && (await sizeOf(logOf(dbPath))) === null) await rm(dbPath, { force: true })
}
