import type { Stats } from 'node:fs'
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import type { JobEntry, JobIo, JobOpen, JobWalk, RefusedWhy, WalkRequest } from '../../core/job.ts'
import { type Child, Folders, kindOf } from './folders.ts'

/** Numbers cost half of what exact ones do; `exactly` is asked where an inode is too large for one. */
const entryOf = (path: string, stat: Stats, exactly: () => { readonly ino: bigint }): JobEntry => ({
  path,
  inode: String(Number.isSafeInteger(stat.ino) ? stat.ino : exactly().ino),
  size: stat.size,
  mtimeMs: Math.floor(stat.mtimeMs),
  uid: stat.uid,
})

const NOT_THERE = { throwIfNoEntry: false } as const

const stat: JobIo['stat'] = (path) => {
  try {
    const found = lstatSync(path, NOT_THERE)
    if (found === undefined) return null
    return { ...entryOf(path, found, () => lstatSync(path, { bigint: true })), is: kindOf(found) }
  } catch {
    return null
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

const whyNot = (error: unknown): 'missing' | RefusedWhy => {
  const code = codeOf(error)
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing'
  return code === 'ELOOP' ? 'link' : 'denied'
}

// O_NONBLOCK: opening a FIFO that took the file's place must not hang the worker.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const open = (path: string): JobOpen => {
  let fd: number
  try {
    fd = openSync(path, FLAGS)
  } catch (error) {
    return { refused: whyNot(error) }
  }
  const found = fstatSync(fd)
  if (!found.isFile()) {
    closeSync(fd)
    return { refused: 'not_regular' }
  }
  return {
    ...entryOf(path, found, () => fstatSync(fd, { bigint: true })),
    read: (into, position) => (into.length === 0 ? 0 : readSync(fd, into, 0, into.length, position)),
    close: () => closeSync(fd),
  }
}

const walk = (request: WalkRequest): JobWalk => {
  const files: JobEntry[] = []
  const refused: { path: string; why: RefusedWhy }[] = []
  const visit = (dir: string, depth: number): void => {
    for (const { name, path, is } of children(dir, refused)) {
      const named = request.accept(name)
      // Some file systems do not tell the type in the listing.
      const kind = is === 'other' ? (stat(path)?.is ?? 'other') : is
      if (kind === 'dir') {
        if (depth < request.maxDepth) visit(path, depth + 1)
      } else if (named && kind !== 'file') refused.push({ path, why: kind === 'link' ? 'link' : 'not_regular' })
      else if (named) take(path)
    }
  }
  const take = (path: string): void => {
    const found = stat(path)
    if (found?.is !== 'file') return
    const { is: _is, ...entry } = found
    if (request.ownerUid !== undefined && entry.uid !== request.ownerUid) refused.push({ path, why: 'foreign_owner' })
    else files.push(entry)
  }
  visit(request.root, 0)
  return { files, refused }
}

const folders = new Folders()

const children = (dir: string, refused: { path: string; why: RefusedWhy }[]): readonly Child[] => {
  try {
    return folders.children(dir)
  } catch (error) {
    const why = whyNot(error)
    if (why !== 'missing') refused.push({ path: dir, why })
    return []
  }
}

const realpath = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** The disk for jobs in this thread. `home` and `env` may be replaced, so that a test has a home of its own. */
export const createJobIo = (
  options: { readonly home?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): JobIo => ({
  home: options.home ?? homedir(),
  uid: process.getuid?.() ?? -1,
  env: (name) => (options.env ?? process.env)[name],
  realpath,
  stat,
  walk,
  open,
})
