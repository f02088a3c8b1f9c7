import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, usageError } from '../core/errors.ts'

const isThere = (dir: string): boolean => statSync(dir, { throwIfNoEntry: false }) !== undefined

// One level at a time, top down: Node's recursive mkdir never ends where the parent is there and yet the system says
// that nothing is (in /proc, and on some network mounts).
const missingLevels = (dir: string): readonly string[] =>
  isThere(dir) || dir === dirname(dir) ? [] : [...missingLevels(dirname(dir)), dir]

const makeLevel = (dir: string): void => {
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    // Somebody else may have made it in between; a link to nowhere is there too, and is no folder.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isThere(dir)) throw error
  }
}

/** Makes a folder and those above it, 0700 each; nothing where it is there already. Throws VcError `unusable_directory`. */
export const makeDir = (dir: string): void => {
  try {
    for (const level of missingLevels(dir)) makeLevel(level)
  } catch (error) {
    throw usageError(
      'unusable_directory',
      `${dir} cannot be made: ${messageOf(error)}`,
      'is its disk there and writable? Else name another place: [vc] data_dir, XDG_STATE_HOME or TMPDIR',
    )
  }
}
