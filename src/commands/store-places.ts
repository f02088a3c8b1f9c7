import { stat } from 'node:fs/promises'
import { EXIT, VcError } from '../core/errors.ts'
import { refusalOf } from '../core/refusal.ts'
// By file, not through the room's index: the library of the database takes longer to load than all else here.
import { logOf, sizeOf } from '../store/backup-files.ts'
import { undoHalfReplaced } from '../store/half-replaced.ts'
import { acquireLock, type StoreLock } from '../store/lock.ts'
import { restoreCommand, wayBackOfFile } from '../store/way-back.ts'
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
  const found = await stat(dbFile).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw refusalOf(error, dbFile) ?? error
  })
  if (found?.isFile() && found.size > 0) return
  const hasLog = (await sizeOf(logOf(dbFile))) !== null
  const inTheWay = hasLog || (found !== null && !found.isFile())
  const says = [
    `there is no database at ${dbFile}`,
    // Of no bytes is one that never came to be, or was emptied.
    ...(found === null ? [] : [found.isFile() ? 'the file is empty' : 'what lies there is no file']),
    ...(hasLog ? ['its log is there'] : []),
  ]
  const restore = await restoreCommand(dataDir)
  const anew = restore === null ? 'look for the first time: vc collect' : `restore the newest backup: ${restore}`
  const fix = inTheWay ? await wayBackOfFile({ dataDir, dbPath: dbFile }) : anew
  throw new VcError('no_store', says.join('; '), fix)
}
