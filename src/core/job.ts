/** A regular file as a job sees it. Sizes in bytes. */
export interface JobEntry {
  readonly path: string
  readonly inode: string
  readonly size: number
  readonly mtimeMs: number
  readonly uid: number
}

export type RefusedWhy = 'denied' | 'link' | 'not_regular' | 'foreign_owner'

export interface JobWalk {
  readonly files: readonly JobEntry[]
  /** What was seen and deliberately not opened, or could not be. */
  readonly refused: readonly { readonly path: string; readonly why: RefusedWhy }[]
}

export interface WalkRequest {
  readonly root: string
  /** Decides by file name alone, before anything is opened. */
  readonly accept: (name: string) => boolean
  /** Directories below the root; links are never followed. */
  readonly maxDepth: number
  /** Only files of this user; others are refused as `foreign_owner`. */
  readonly ownerUid?: number
}

/** An open regular file; `read` fills `into` from `position` and returns the bytes read (0 at the end). */
export interface JobFile extends JobEntry {
  read(into: Uint8Array, position: number): number
  close(): void
}

export type JobOpen = JobFile | { readonly refused: 'missing' | RefusedWhy }

/**
 * The disk as a job in the worker pool may see it: read-only, never through a link, never a FIFO or device.
 * Calls block the worker, not the daemon.
 */
export interface JobIo {
  readonly home: string
  readonly uid: number
  env(name: string): string | undefined
  /** The path with all links resolved, or null when it does not exist or may not be seen. */
  realpath(path: string): string | null
  /** Null when missing or unreadable. Does not follow a final link. */
  stat(path: string): (JobEntry & { readonly is: 'file' | 'dir' | 'link' | 'other' }) | null
  walk(request: WalkRequest): JobWalk
  open(path: string): JobOpen
}

/** What a job module exports as `run`. Payload and result must be structured-cloneable. */
export type Job<Payload, Result> = (payload: Payload, io: JobIo) => Result | Promise<Result>
