import { type Dirent, lstatSync, type Stats } from 'node:fs'
import type { JobEntry } from '../../core/job.ts'

export type EntryKind = 'file' | 'dir' | 'link' | 'other'

export const kindOf = (stat: Pick<Stats | Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind =>
  stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'other'

/** Numbers cost half of what exact ones do; `exactly` is asked where an inode is too large for one. */
export const entryOf = (path: string, stat: Stats, exactly: () => { readonly ino: bigint }): JobEntry => ({
  path,
  inode: String(Number.isSafeInteger(stat.ino) ? stat.ino : exactly().ino),
  size: stat.size,
  mtimeMs: Math.floor(stat.mtimeMs),
  uid: stat.uid,
})

/** What stands at a path. */
export interface Found {
  readonly is: EntryKind
  readonly entry: JobEntry
  /** When it was written last, or got another owner, mode or name. */
  readonly changedMs: number
}

const NOT_THERE = { throwIfNoEntry: false } as const

/** Null when missing or unreadable. Does not follow a final link. */
export const findEntry = (path: string): Found | null => {
  try {
    const stat = lstatSync(path, NOT_THERE)
    if (stat === undefined) return null
    const entry = entryOf(path, stat, () => lstatSync(path, { bigint: true }))
    return { is: kindOf(stat), entry, changedMs: Math.max(stat.mtimeMs, stat.ctimeMs) }
  } catch {
    return null
  }
}
