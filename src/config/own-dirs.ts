import { chmodSync, lstatSync } from 'node:fs'
import { dirname } from 'node:path'
import { usageError } from '../core/errors.ts'
import { makeDir } from './make-dir.ts'
import type { VcPaths } from './paths.ts'

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')

/** Makes a folder only its owner can enter, or refuses one that is not. Throws VcError `unsafe_directory` or `unusable_directory`. */
export function ensureOwnDir(dir: string, uid: number): void {
  makeDir(dir)
  const found = lstatSync(dir)
  if (!found.isDirectory()) {
    throw usageError('unsafe_directory', `${dir} is not a folder`, `move it away: mv ${dir} ${dir}.old`)
  }
  if (found.uid !== uid) {
    throw usageError(
      'unsafe_directory',
      `${dir} belongs to uid ${found.uid}, not to you (uid ${uid})`,
      'name another place: [vc] data_dir, XDG_STATE_HOME or TMPDIR',
    )
  }
  if ((found.mode & 0o022) !== 0) {
    throw usageError(
      'unsafe_directory',
      `${dir} can be written by others (mode ${octal(found.mode)})`,
      `look what is in it, then: chmod 700 ${dir}`,
    )
  }
  if ((found.mode & 0o077) !== 0) chmodSync(dir, 0o700)
}

/** Data and run folders, 0700 and owned by this user; called by whoever writes there first. */
export function ensurePaths(paths: VcPaths, uid: number): void {
  for (const dir of [paths.dataDir, paths.stateDir, paths.runDir, paths.controlDir, paths.logDir])
    ensureOwnDir(dir, uid)
  // It may be a folder shared with others, so only that it is there.
  makeDir(dirname(paths.dbFile))
}
