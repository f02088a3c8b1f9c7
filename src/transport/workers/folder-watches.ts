import { statfsSync, watch } from 'node:fs'

/** An open watcher of one folder. */
export interface Watch {
  close(): void
}

/** `not_here`: not of this folder; `none_left`: the system has none for us, and is not asked again for a while. */
export type Watched = Watch | 'not_here' | 'none_left'

/** The edge to the system; tests have their own. */
export interface WatchSystem {
  readonly platform: NodeJS.Platform
  readonly now: () => number
  /** Number of the kind of file system a path is in. */
  readonly kindAt: (path: string) => number
  readonly watch: (dir: string, changed: () => void) => Watch
}

// One that does not keep its thread alive. What changed is not asked: each way the folder is looked at again.
const watchFolder = (dir: string, changed: () => void): Watch =>
  watch(dir, { persistent: false }, changed).on('error', changed)

const SYSTEM: WatchSystem = {
  platform: process.platform,
  now: () => performance.now(),
  kindAt: (path) => statfsSync(path).type >>> 0,
  watch: watchFolder,
}

/** File systems of which this kernel sees every change. What another machine or a process in user space changes, it is not told. */
const TELLING: ReadonlySet<number> = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
  0x2fc12fc1, // zfs
  0xf2f52010, // f2fs
  0xca451a4e, // bcachefs
])

/** A user may have as few as 8,192 for all programs, editors and agents among them. */
const MOST_WATCHES = 2_000
const PAUSE_MS = 10 * 60_000
/** These are of one folder, which changed since it was looked at. */
const OF_ONE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'])

/** Watchers of folders, by inotify: so many, on local file systems, and none for a while when the system had none left. */
export class FolderWatches {
  readonly #system: WatchSystem
  readonly #most: number
  readonly #tells = new Map<number, boolean>()
  #open = 0
  #pausedUntilMs = Number.NEGATIVE_INFINITY

  constructor(options: { readonly most?: number; readonly system?: Partial<WatchSystem> } = {}) {
    this.#system = { ...SYSTEM, ...options.system }
    this.#most = options.most ?? MOST_WATCHES
  }

  get open(): number {
    return this.#open
  }

  /** How many more may be opened now. */
  get room(): number {
    const { platform, now } = this.#system
    return platform !== 'linux' || now() < this.#pausedUntilMs ? 0 : this.#most - this.#open
  }

  /** Calls `changed` at anything that happens in the folder or to it, more than once too, until it is closed. Needs `room`. */
  watch(dir: string, dev: number, changed: () => void): Watched {
    try {
      if (!this.#isTold(dir, dev)) return 'not_here'
      return this.#counted(this.#system.watch(dir, changed))
    } catch (error) {
      if (OF_ONE.has((error as NodeJS.ErrnoException).code)) return 'not_here'
      this.#pausedUntilMs = this.#system.now() + PAUSE_MS
      return 'none_left'
    }
  }

  #isTold(dir: string, dev: number): boolean {
    const known = this.#tells.get(dev)
    if (known !== undefined) return known
    const tells = TELLING.has(this.#system.kindAt(dir))
    this.#tells.set(dev, tells)
    return tells
  }

  #counted(watch: Watch): Watch {
    this.#open += 1
    let isOpen = true
    return {
      close: () => {
        if (isOpen) this.#open -= 1
        isOpen = false
        watch.close()
      },
    }
  }
}
