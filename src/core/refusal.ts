import { dirname } from 'node:path'
import { messageOf, usageError, VcError } from './errors.ts'
import { shellWord } from './shell-word.ts'

/** How a disk that was pulled out, broke or stopped answering is told of. */
export const diskFails = (why: string): boolean => /\bEIO\b|input\/output error/i.test(why)

/**
 * What the system refuses, whatever is in the file: rights, a disk that is read-only, full or fails, too many open files. Nothing
 * is broken then, and going back to a backup would only lose what came after it. Null for every other error.
 */
export const refusalOf = (error: unknown, path: string): VcError | null => {
  const why = messageOf(error)
  const says = `${path} cannot be used: ${why}`
  const dir = dirname(path)
  if (/\b(EACCES|EPERM)\b|permission denied|operation not permitted/i.test(why))
    return usageError(
      'no_access',
      says,
      `let the user who runs vc read and write there: chmod u+rwX ${shellWord(dir)} ${shellWord(path)} (whose they are: ls -la ${shellWord(dir)}); nothing is lost`,
    )
  if (/\bEROFS\b|read-only file system/i.test(why))
    return usageError('read_only', says, 'mount it read-write, or name another place: [vc] data_dir, XDG_STATE_HOME')
  if (/\b(ENOSPC|EDQUOT)\b|no space left|disk quota exceeded/i.test(why))
    return new VcError(
      'disk_full',
      says,
      `make room there (df -h ${shellWord(dir)}; df -i for the number of files; quota -s for what you may use), or name another disk: [vc] data_dir, XDG_STATE_HOME or TMPDIR; nothing is lost`,
    )
  if (diskFails(why))
    return new VcError(
      'disk_fails',
      says,
      'the disk or the way to it fails: look at dmesg and mount it anew, or name another place: [vc] data_dir, XDG_STATE_HOME or TMPDIR',
    )
  if (/\b(EMFILE|ENFILE)\b|too many open files/i.test(why))
    return new VcError('too_many_files', says, 'allow more open files: ulimit -n 4096')
  return null
}

/** The same for an error that the system made: it names the place itself. */
export const refusedPlace = (error: unknown): VcError | null =>
  error instanceof Error && 'path' in error ? refusalOf(error, String(error.path)) : null
