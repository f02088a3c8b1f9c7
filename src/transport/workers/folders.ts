import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs'

export type EntryKind = 'file' | 'dir' | 'link' | 'other'

export const kindOf = (stat: Pick<Stats | Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): EntryKind =>
  stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'other'

/** One name in a folder. */
export interface Child {
  readonly name: string
  readonly path: string
  readonly is: EntryKind
}

type Marks = Pick<Stats, 'dev' | 'ino' | 'mtimeMs' | 'ctimeMs'>

interface Known {
  readonly marks: Marks
  readonly readAtMs: number
  readonly children: readonly Child[]
}

const areSame = (a: Marks, b: Marks): boolean =>
  a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino && a.dev === b.dev

/** Times of a file system are coarse (2 s at worst) and may be another machine's: what changed just now may change again unseen. */
const SETTLED_MS = 10_000
/** Not every file system in user space keeps the times of its folders: after so long a folder is read whatever they say. */
const MOST_AGE_MS = 60_000
const MOST_NAMES = 50_000

/**
 * The names in folders, read again only where a folder changed: each file made, removed or renamed in it does that, while one
 * that grows does not. A history is hundreds of folders, of which a day changes a few. What is remembered is a minute old at most.
 */
export class Folders {
  readonly #known = new Map<string, Known>()
  readonly #settledMs: number
  readonly #mostAgeMs: number
  readonly #mostNames: number
  #names = 0

  constructor({ settledMs = SETTLED_MS, mostAgeMs = MOST_AGE_MS, mostNames = MOST_NAMES } = {}) {
    this.#settledMs = settledMs
    this.#mostAgeMs = mostAgeMs
    this.#mostNames = mostNames
  }

  /** What lies in a folder. Throws as readdir does. */
  children(dir: string): readonly Child[] {
    const { dev, ino, mtimeMs, ctimeMs } = statSync(dir)
    const marks = { dev, ino, mtimeMs, ctimeMs }
    const before = this.#known.get(dir)
    const readAtMs = performance.now()
    const isYoung = before !== undefined && readAtMs - before.readAtMs < this.#mostAgeMs
    if (isYoung && areSame(before.marks, marks)) return before.children
    const children = readdirSync(dir, { withFileTypes: true }).map((entry) => childOf(dir, entry))
    if (before !== undefined) this.#forget(dir, before)
    if (Date.now() - Math.max(mtimeMs, ctimeMs) > this.#settledMs) this.#keep(dir, { marks, readAtMs, children })
    return children
  }

  #keep(dir: string, known: Known): void {
    if (known.children.length > this.#mostNames) return
    if (this.#names + known.children.length > this.#mostNames) {
      this.#known.clear()
      this.#names = 0
    }
    this.#known.set(dir, known)
    this.#names += known.children.length
  }

  #forget(dir: string, { children }: Known): void {
    this.#known.delete(dir)
    this.#names -= children.length
  }
}

const childOf = (dir: string, entry: Dirent): Child => ({
  name: entry.name,
  path: `${dir}/${entry.name}`,
  is: kindOf(entry),
})
