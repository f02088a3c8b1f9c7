import { chmodSync, lstatSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { usageError } from '../core/errors.ts'
import { foreignWriter } from '../core/foreign-writer.ts'
import { makeDir } from './make-dir.ts'
import type { VcPaths } from './paths.ts'

/** Makes a folder only its owner can enter, or refuses one that is not. Throws VcError `unsafe_directory` or `unusable_directory`. */
export function ensureOwnDir(dir: string, uid: number): void {
  makeDir(dir)
  checkOwnDir(dir, uid)
}

function checkOwnDir(dir: string, uid: number): void {
  const found = lstatSync(dir)
  if (found.isSymbolicLink()) {
    throw usageError(
      'unsafe_directory',
      `${dir} is a link, which somebody else might turn`,
      `name the folder it leads to ([vc] data_dir, XDG_DATA_HOME, XDG_STATE_HOME), or put that folder here`,
    )
  }
  if (!found.isDirectory()) {
    throw usageError('unsafe_directory', `${dir} is not a folder`, `move it away: mv ${dir} ${dir}.old`)
  }
  const foreign = foreignWriter(found, uid)
  if (foreign !== null) {
    throw usageError(
      'unsafe_directory',
      `${dir} ${foreign.says}`,
      foreign.by === 'owner'
        ? 'name another place: [vc] data_dir, XDG_STATE_HOME or TMPDIR'
        : `look what is in it, then: chmod 700 ${dir}`,
    )
  }
  if ((found.mode & 0o077) !== 0) chmodSync(dir, 0o700)
}

/** What reading the store needs: its folder, and the one of the database. */
export function ensureDataDir(paths: VcPaths, uid: number): void {
  ensureOwnDir(paths.dataDir, uid)
  // It may be a folder shared with others, so only that it is there.
  makeDir(dirname(paths.dbFile))
}

/** Data and run folders, 0700 and owned by this user; called by whoever writes there first. */
export function ensurePaths(paths: VcPaths, uid: number): void {
  for (const dir of [paths.stateDir, paths.runDir, paths.logDir]) ensureOwnDir(dir, uid)
  ensureDataDir(paths, uid)
  checkControlDir(paths, uid)
}

/** The folder of control sockets is made with the first of them, but an unsafe one is refused before. */
export function checkControlDir({ controlDir }: VcPaths, uid: number): void {
  if (lstatSync(controlDir, { throwIfNoEntry: false }) !== undefined) checkOwnDir(controlDir, uid)
}

/**
 * After a clean stop: takes away what lies under the temp dir because the usual place has too long a name for sockets.
 * Only the state file, which nobody reads once its writer is gone, and folders that are empty.
 */
export function leaveTempDirs({ stateDir, runDir, controlDir, stateFile }: VcPaths): void {
  if (dirname(controlDir) !== runDir) removeEmpty(controlDir)
  if (dirname(runDir) === stateDir) return
  rmSync(stateFile, { force: true })
  removeEmpty(join(runDir, 'cm'))
  removeEmpty(runDir)
}

const removeEmpty = (dir: string): void => {
  try {
    rmdirSync(dir)
  } catch {
    // Not there, or something else lies in it: then it is not ours to remove.
  }
}
