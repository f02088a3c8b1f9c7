import { readdirSync } from 'node:fs'
import type { Found } from './entries.ts'
import {
  areSame,
  type Child,
  childOf,
  type Folder,
  findIn,
  type Known,
  type Marks,
  marksOf,
  newFolder,
} from './folder.ts'
import { FolderWatches } from './folder-watches.ts'

/** What lies in a folder. */
export interface Look {
  readonly children: readonly Child[]
  /** Nothing was made, removed or renamed in it since it was looked at before: its folders are those they were. */
  readonly isSame: boolean
  /** What stands at the path of a child. */
  find(path: string): Found | null
}

/** Times of a file system are coarse (2 s at worst) and may be another machine's: what changed just now may change again unseen. */
const SETTLED_MS = 10_000
/** Not every file system in user space keeps the times of its folders: after so long a folder is read whatever they say. */
const MOST_AGE_MS = 60_000
/** A watcher is silent about full queues, mounts, links from elsewhere and mapped files: so long one is believed. */
const MOST_SILENCE_MS = 5 * 60_000
const MOST_NAMES = 50_000
/** An agent at work writes many lines a second, each of which would wake the thread: its folder is left alone for so long. */
const QUIET_MS = 60_000
const FORGET_MS = 120_000

const CLOCK = {
  /** As files are stamped. */
  wall: () => Date.now(),
  /** Never set. */
  now: () => performance.now(),
}

export interface FoldersOptions {
  readonly settledMs?: number
  readonly mostAgeMs?: number
  readonly mostSilenceMs?: number
  readonly mostNames?: number
  readonly quietMs?: number
  readonly clock?: typeof CLOCK
  readonly watches?: FolderWatches
}

/**
 * What lies in folders, looked at again only where something may have changed. A history is hundreds of folders, of which a day
 * changes a few.
 *
 * The times of a folder tell whether a file was made, removed or renamed in it: its names are read again only then. They do not
 * tell that one grew, so each file is looked at. A folder in which nothing was written for a minute may be watched: while its
 * watcher is silent it costs nothing at all. At the first change the watcher is closed.
 * What is remembered is a minute old at most, five where it was watched.
 */
export class Folders {
  readonly #options: Required<FoldersOptions>
  readonly #folders = new Map<string, Folder>()
  readonly #toWatch: Folder[] = []
  #names = 0
  #question = 0
  #listedFor = -1
  #restedAtMs = 0

  constructor(options: FoldersOptions = {}) {
    const ages = { settledMs: SETTLED_MS, mostAgeMs: MOST_AGE_MS, mostSilenceMs: MOST_SILENCE_MS, quietMs: QUIET_MS }
    this.#options = { ...ages, mostNames: MOST_NAMES, clock: CLOCK, watches: new FolderWatches(), ...options }
  }

  /** Watchers tell when the thread's loop comes round: whoever trusts them lets it do so before. */
  get watched(): number {
    return this.#options.watches.open
  }

  /** A new question begins: what was met for one before may be worth watching. */
  asked(): void {
    this.#question += 1
  }

  /**
   * Throws as readdir does. `isSame` is what the look at the folder above it said: false asks whether it is still the folder it
   * was, as the root of a walk is asked, which nobody looks at from above.
   */
  look(dir: string, isSame = false): Look {
    const folder = this.#met(dir)
    try {
      const { known, watch } = folder
      const isTrusted = watch !== null && known !== null && known.found !== null && this.#isBelieved(known)
      if (isTrusted && isSame) return this.#looked(folder, known, true)
      const marks = marksOf(dir)
      if (isTrusted && areSame(known.marks, marks)) return this.#looked(folder, known, true)
      return this.#lookAnew(folder, marks)
    } catch (error) {
      this.#forget(folder)
      throw error
    }
  }

  /** The question is answered: chooses what to watch, and forgets what nobody asks for any more. */
  rest(): void {
    const now = this.#options.clock.now()
    if (this.#listedFor !== this.#question && now - this.#restedAtMs <= FORGET_MS) return
    this.#restedAtMs = now
    this.#toWatch.length = 0
    for (const folder of this.#folders.values()) {
      if (now - folder.metAtMs > FORGET_MS) this.#forget(folder)
      else if (this.#isWorthWatching(folder)) this.#toWatch.push(folder)
    }
  }

  /** Opens some of the watchers that were chosen; says whether more are left. */
  watchSome(most: number): boolean {
    for (const folder of this.#toWatch.splice(0, most)) {
      if (this.#options.watches.room <= 0) this.#toWatch.length = 0
      else if (this.#isWorthWatching(folder)) this.#watch(folder)
    }
    return this.#toWatch.length > 0
  }

  /** A listing comes again within the time for which it is remembered, and nobody writes in it. */
  #isWorthWatching(folder: Folder): boolean {
    const { clock, mostAgeMs, quietMs } = this.#options
    return (
      folder.watch === null &&
      folder.metAtMs - folder.metBeforeMs < mostAgeMs &&
      clock.wall() - folder.changedMs >= quietMs &&
      clock.now() - folder.stirredAtMs >= quietMs
    )
  }

  #watch(folder: Folder): void {
    const watched = this.#options.watches.watch(folder.path, folder.dev, () => this.#stirred(folder))
    if (watched === 'none_left') for (const other of this.#folders.values()) this.#unwatch(other)
    else if (watched === 'not_here') this.#stirred(folder)
    else folder.watch = watched
  }

  #met(path: string): Folder {
    const now = this.#options.clock.now()
    const folder = this.#folders.get(path) ?? newFolder(path, this.#question, now)
    this.#folders.set(path, folder)
    if (folder.question !== this.#question) folder.metBeforeMs = folder.metAtMs
    folder.question = this.#question
    folder.metAtMs = now
    this.#listedFor = this.#question
    return folder
  }

  #isBelieved({ readAtMs }: Known): boolean {
    return this.#options.clock.now() - readAtMs < this.#options.mostSilenceMs
  }

  #isYoung({ readAtMs }: Known): boolean {
    return this.#options.clock.now() - readAtMs < this.#options.mostAgeMs
  }

  #looked(folder: Folder, known: Known, isSame: boolean): Look {
    return { children: known.children, isSame, find: (path) => findIn(folder, known, path) }
  }

  #lookAnew(folder: Folder, marks: Marks): Look {
    const isOther = folder.ino !== marks.ino || folder.dev !== marks.dev
    if (isOther && folder.watch !== null) this.#stirred(folder)
    folder.ino = marks.ino
    folder.dev = marks.dev
    folder.changedMs = Math.max(marks.mtimeMs, marks.ctimeMs)
    const { known, watch } = folder
    if (known !== null && areSame(known.marks, marks)) {
      if (watch !== null) return this.#looked(folder, this.#startAnew(folder, known), true)
      if (this.#isYoung(known)) return this.#looked(folder, known, true)
    }
    return this.#looked(folder, this.#read(folder, marks), false)
  }

  /** File systems whose changes are told keep the times of folders: the names are those they were, each file is looked at. */
  #startAnew(folder: Folder, known: Known): Known {
    folder.known = { ...known, readAtMs: this.#options.clock.now(), found: new Map() }
    return folder.known
  }

  #read(folder: Folder, marks: Marks): Known {
    const { clock, settledMs } = this.#options
    const readAtMs = clock.now()
    const children = readdirSync(folder.path, { withFileTypes: true }).map((entry) => childOf(folder.path, entry))
    const known = { marks, readAtMs, children, found: folder.watch === null ? null : new Map<string, Found | null>() }
    this.#drop(folder)
    if (clock.wall() - folder.changedMs > settledMs) this.#keep(folder, known)
    return known
  }

  #keep(folder: Folder, known: Known): void {
    const { mostNames } = this.#options
    if (known.children.length > mostNames) return
    if (this.#names + known.children.length > mostNames) for (const other of this.#folders.values()) this.#drop(other)
    folder.known = known
    this.#names += known.children.length
  }

  #drop(folder: Folder): void {
    this.#names -= folder.known?.children.length ?? 0
    folder.known = null
  }

  #forget(folder: Folder): void {
    this.#unwatch(folder)
    this.#folders.delete(folder.path)
  }

  #unwatch(folder: Folder): void {
    folder.watch?.close()
    folder.watch = null
    this.#drop(folder)
  }

  #stirred(folder: Folder): void {
    this.#unwatch(folder)
    folder.stirredAtMs = this.#options.clock.now()
  }
}
