import {
  closeSync,
  copyFileSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, usageError, VcError } from '../core/errors.ts'
import { shellWord } from '../core/shell-word.ts'
import { readOwnFile } from './find.ts'
import { makeDir } from './make-dir.ts'
import { parseConfig } from './parse.ts'
import type { Surroundings } from './paths.ts'
import { ConfigError } from './problems.ts'

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new VcError(
        'config_unwritable',
        `${file} cannot be written: ${messageOf(error)}`,
        `look who may write there: ls -ld ${shellWord(dirname(file))}`,
      )
    }
    throw usageError('config_busy', `${file} exists: another vc is writing, or was killed`, `if none is: rm ${file}`)
  }
}

function syncDir(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Replaces a file in one step, keeping its mode. The new file doubles as the lock: it is made exclusively, and the old text is
 * compared under it, so that nobody's edit is lost. `backup` gets the previous text. Throws VcError `config_busy`,
 * `config_changed`, `config_unwritable`.
 */
export function replaceOwnFile(
  file: string,
  before: string | null,
  after: string,
  uid: number,
  backup = `${file}.bak`,
): void {
  const temporary = `${file}.new`
  const fd = openNew(temporary)
  try {
    if (before !== null && readOwnFile(file, uid) !== before) {
      throw usageError('config_changed', `${file} changed while vc was editing it`, 'try again')
    }
    if (before !== null) {
      copyFileSync(file, backup)
      fchmodSync(fd, statSync(file).mode & 0o755)
    }
    writeFileSync(fd, after)
    fsyncSync(fd)
    renameSync(temporary, file)
    syncDir(dirname(file))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
}

/**
 * Writes a configuration in one step, the previous one kept as `.bak`. Refuses a text that lint would refuse, a file
 * that is not the user's own, and one that changed since `before` was read (null: it must not exist). Returns the path.
 */
export function writeConfig(path: string, before: string | null, after: string, at: Surroundings): string {
  const { config, problems } = parseConfig(after, path)
  if (config === null) throw new ConfigError(problems)
  if (before === null) {
    if (existsSync(path))
      throw usageError('config_exists', `${path} exists already`, `look at it: vc --config ${path} config show`)
    makeDir(dirname(path))
  }
  // A link (as people who keep dotfiles in a repository have) stays a link.
  const file = before === null ? path : realpathSync(path)
  replaceOwnFile(file, before, after, at.uid)
  return file
}
