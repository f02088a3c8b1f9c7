import { stat } from 'node:fs/promises'
import { EXIT, VcError } from '../core/errors.ts'
import { refusalOf } from '../core/refusal.ts'
import { shellWord } from '../core/shell-word.ts'
// By file, not through the room's index: the library of the database takes longer to load than all else here.
import { listBackups } from '../store/backup-files.ts'
import { undoHalfReplaced } from '../store/half-replaced.ts'
import { acquireLock, type StoreLock } from '../store/lock.ts'
import { NoDaemon, pingDaemon } from '../transport/socket-client.ts'

/** Where the store lies and where its owner may answer. */
export interface StorePlaces {
  readonly dataDir: string
  readonly dbFile: string
  readonly socketFile: string
  /** Told with the pid of whoever has the store and is waited for. */
  readonly onWait?: (pid: number) => void
}

/** The pid of the daemon that answers, or null. */
export const daemonPid = async (places: StorePlaces): Promise<number | null> => {
  try {
    return (await pingDaemon(places.socketFile)).pid
  } catch (error) {
    if (error instanceof NoDaemon) return null
    throw error
  }
}

const PATIENCE_MS = 2_000

/**
 * vc's lock for this command. Another command holds it for moments only, so it is waited for a little. What a killed one left
 * half done is undone first.
 */
export const takeLock = async (places: StorePlaces): Promise<StoreLock> => {
  const lock = await acquireLock(places.dataDir, { patienceMs: PATIENCE_MS })
  try {
    await undoHalfReplaced(places.dataDir, places.dbFile)
    return lock
  } catch (error) {
    await lock.release()
    throw refusalOf(error, places.dbFile) ?? error
  }
}

/** Refuses work that needs the file alone. */
export const refuseDaemon = async (places: StorePlaces, what: string): Promise<void> => {
  const pid = await daemonPid(places)
  if (pid === null) return
  throw new VcError(
    'daemon_running',
    `a daemon (pid ${pid}) owns the store; ${what}`,
    'vc daemon stop, then try again',
    {
      exitCode: EXIT.refused,
    },
  )
}

/** Throws when there is no database file to open. */
export const requireFile = async ({ dbFile, dataDir }: StorePlaces): Promise<void> => {
  const found = await stat(dbFile).catch(() => null)
  // Of no bytes is one that never came to be.
  if (found?.isFile() && found.size > 0) return
  const backup = (await listBackups(dataDir))[0]?.path
  const fix = backup
    ? `restore the newest backup: vc db restore ${shellWord(backup)}`
    : 'look for the first time: vc collect'
  throw new VcError('no_store', `there is no database at ${dbFile}`, fix)
}

/** What to do about a file that does not open, or not to its end. */
export const wayBack = async (dataDir: string): Promise<string> => {
  const backup = (await listBackups(dataDir))[0]?.path
  const rescue = 'save what can be read: vc db rescue'
  return backup === undefined
    ? rescue
    : `${rescue}; or go back to the newest backup: vc db restore ${shellWord(backup)}`
}
