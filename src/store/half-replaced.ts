import { lstat, readdir, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { logOf, sizeOf, syncPath } from './backup-files.ts'

/** The names of one replacement of a database file: what is put in its place, and where the old file and its log go. */
export const replacementNames = (
  dbPath: string,
  kind: 'rescued' | 'restoring',
  stamp: string,
): { readonly fresh: string; readonly aside: string; readonly logAside: string } => {
  const aside = `${dbPath}.${kind === 'rescued' ? 'damaged' : 'replaced'}-${stamp}`
  return { fresh: `${dbPath}.${kind}-${stamp}`, aside, logAside: logOf(aside) }
}

/** A log that cannot be replayed to its end does not lie where the engine would find it beside the old file. */
export const damagedLogName = (dbPath: string, stamp: string): string => `${logOf(dbPath)}.damaged-${stamp}`

/** Parquet of a rescue that is under way. */
export const unfinishedDir = (dir: string): string => `${dir}.part`

const FRESH = /^\.(rescued|restoring)-(\d{8}T\d{6}Z)(\.part)?(\.wal)?$/
const RESCUE = /^rescue-(\d{8}T\d{6}Z)\.part$/

/**
 * What a rescue or a restore left that was killed: as long as the new file did not take its place the old one has it again, with
 * its log, and what was made meanwhile goes. Call it with vc's lock, before anybody opens the file.
 */
export const undoHalfReplaced = async (dataDir: string, given: string): Promise<void> => {
  const dbPath = await realpath(given).catch(() => given)
  const dir = dirname(dbPath)
  for (const name of await readdir(dir).catch(() => [])) {
    if (!name.startsWith(basename(dbPath))) continue
    const [found, kind, stamp] = FRESH.exec(name.slice(basename(dbPath).length)) ?? []
    if (found === undefined || !(await isOwn(join(dir, name)))) continue
    await putBack(dbPath, kind as 'rescued' | 'restoring', String(stamp))
    await rm(join(dir, name), { force: true })
  }
  for (const name of await readdir(dataDir).catch(() => [])) {
    const stamp = RESCUE.exec(name)?.[1]
    if (stamp === undefined) continue
    // Killed with its last step behind it: these files belong to the database that is in place now.
    const done = (await sizeOf(replacementNames(dbPath, 'rescued', stamp).aside)) !== null
    if (done) await rename(join(dataDir, name), join(dataDir, name.replace(/\.part$/, '')))
    else await rm(join(dataDir, name), { recursive: true, force: true })
  }
}

/** In a folder that is shared with others a name alone proves nothing. */
const isOwn = async (path: string): Promise<boolean> => {
  const found = await lstat(path).catch(() => null)
  return found?.isFile() === true && found.uid === process.getuid?.()
}

const putBack = async (dbPath: string, kind: 'rescued' | 'restoring', stamp: string): Promise<void> => {
  const { aside, logAside } = replacementNames(dbPath, kind, stamp)
  const [old, present] = [await lstat(aside).catch(() => null), await lstat(dbPath).catch(() => null)]
  if (old !== null && present === null) await rename(aside, dbPath)
  // Its second name; a file of its own is an older one that was kept.
  else if (old !== null && present?.ino === old.ino) await rm(aside)
  for (const log of [logAside, damagedLogName(dbPath, stamp)])
    if ((await sizeOf(log)) !== null && (await sizeOf(logOf(dbPath))) === null) await rename(log, logOf(dbPath))
  await syncPath(dirname(dbPath))
}
