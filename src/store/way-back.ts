import { shellWord } from '../core/shell-word.ts'
import { listBackups, logOf, sizeOf } from './backup-files.ts'

interface Lying {
  readonly dataDir: string
  readonly dbPath: string
}

/** The newest backup by the command that brings it back; null where there is none. */
export const restoreCommand = async (dataDir: string): Promise<string | null> => {
  const newest = (await listBackups(dataDir))[0]?.path
  return newest === undefined ? null : `vc db restore ${shellWord(newest)}`
}

/** What to do about a file of which nothing can be read: a rescue would find nothing in it either. Without a backup it makes room for a new one. */
export const wayBackOfFile = async ({ dataDir, dbPath }: Lying): Promise<string> => {
  const restore = await restoreCommand(dataDir)
  if (restore !== null) return `restore the newest backup: ${restore}`
  const moves: string[] = []
  // A log leads to no other file.
  for (const path of [dbPath, logOf(dbPath)])
    if ((await sizeOf(path)) !== null) moves.push(`mv ${shellWord(path)} ${shellWord(`${path}.unreadable`)}`)
  return `there is no backup: put it aside and begin anew, which reads again what the agents still keep: ${[...moves, 'vc collect'].join(' && ')}`
}

/** What to do about a file that does not open, by what the engine says. A damaged log keeps a whole file shut, and moving it aside loses least. */
export const wayBackOfShut = async (why: string, lying: Lying): Promise<string> => {
  if (!/\bWAL\b/.test(why)) return wayBackOfFile(lying)
  const restore = await restoreCommand(lying.dataDir)
  const rescue = 'save what can be read: vc db rescue (it moves the damaged log aside)'
  return restore === null ? rescue : `${rescue}; or ${restore}`
}

/** What to do about a file that opens, and of which some tables do not read to their end. */
export const wayBackOfTables = async (dataDir: string): Promise<string> => {
  const restore = await restoreCommand(dataDir)
  const rescue = 'save what can be read: vc db rescue'
  return restore === null ? rescue : `${rescue}; or go back to the newest backup: ${restore}`
}
