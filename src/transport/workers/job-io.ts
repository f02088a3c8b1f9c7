import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import type { JobEntry, JobIo, JobOpen, JobWalk, RefusedWhy, WalkRequest } from '../../core/job.ts'
import { entryOf, type Found, findEntry } from './entries.ts'
import { Folders, type Look } from './folders.ts'

const stat: JobIo['stat'] = (path) => {
  const found = findEntry(path)
  return found === null ? null : { ...found.entry, is: found.is }
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

type Refused = JobWalk['refused'][number]

const walk = (folders: Folders, request: WalkRequest): JobWalk => {
  const files: JobEntry[] = []
  const refused: Refused[] = []
  const visit = (dir: string, depth: number, isSame: boolean): void => {
    const look = lookAt(folders, dir, isSame, refused)
    for (const { name, path, is } of look.children) {
      const named = request.accept(name)
      // Some file systems do not tell the type in the listing.
      const kind = is === 'other' ? (look.find(path)?.is ?? 'other') : is
      if (kind === 'dir') {
        if (depth < request.maxDepth) visit(path, depth + 1, look.isSame)
      } else if (named && kind !== 'file') refused.push({ path, why: kind === 'link' ? 'link' : 'not_regular' })
      else if (named) take(look.find(path))
    }
  }
  const take = (found: Found | null): void => {
    if (found?.is !== 'file') return
    const { entry } = found
    if (request.ownerUid === undefined || entry.uid === request.ownerUid) files.push(entry)
    else refused.push({ path: entry.path, why: 'foreign_owner' })
  }
  visit(request.root, 0, false)
  return { files, refused }
}

const NOTHING: Look = { children: [], isSame: false, find: () => null }

const lookAt = (folders: Folders, dir: string, isSame: boolean, refused: Refused[]): Look => {
  try {
    return folders.look(dir, isSame)
  } catch (error) {
    const why = whyNot(error)
    if (why !== 'missing') refused.push({ path: dir, why })
    return NOTHING
  }
}

const realpath = (path: string): string | null => {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

interface JobIoOptions {
  readonly home?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly folders?: Folders
}

/** The disk for jobs in this thread. `home` and `env` may be replaced, so that a test has a home of its own. */
export const createJobIo = ({ home, env, folders = new Folders() }: JobIoOptions = {}): JobIo => ({
  home: home ?? homedir(),
  uid: process.getuid?.() ?? -1,
  env: (name) => (env ?? process.env)[name],
  realpath,
  stat,
  walk: (request) => walk(folders, request),
  open,
})
