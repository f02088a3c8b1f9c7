import type { Fault } from './faults.ts'

/**
 * One question to a machine. All asks of a machine's due collectors travel in one framed script per tick.
 * `args` reach the script as "$1", "$2", …: they are encoded on the way and never become script text.
 */
export interface ScriptAsk {
  readonly script: string
  /** The rest of the script: one of few constants of the program, quoted once and told to a kept shell once. */
  readonly body?: string
  readonly args?: readonly string[]
  readonly timeoutMs?: number
  readonly maxBytes?: number
  /**
   * It prints no NUL bytes, not much in all, and leaves no process behind: the shell may gather what it says, so that it
   * travels in one packet instead of a dozen.
   */
  readonly gathered?: boolean
  /** Gets an exec of its own, so that it does not hold up the tick's frame. */
  readonly slow?: boolean
}

/** All of what the machine runs. */
export const wholeScript = ({ script, body = '' }: ScriptAsk): string => script + body

/** How one question of a run went; for whoever asks why, never stored. */
export interface AskNote {
  /** What stands behind `# vc:ask` in its script. */
  readonly name: string
  readonly args: readonly string[]
  readonly fault: Fault | null
  /** Null where no process was needed, or none ended. */
  readonly exitCode: number | null
  readonly bytes: number
  readonly durationMs: number
}

/** What came back for one ask. `fault` is null when the script ran to its end, whatever its exit status. */
export interface Answer {
  readonly fault: Fault | null
  readonly detail: string | null
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly truncated: boolean
  readonly durationMs: number
}

export type FileKind = 'file' | 'dir' | 'link' | 'other'

/** `missing` is proven absence; `denied` is not knowing. */
export type FileStat =
  | {
      readonly path: string
      readonly is: FileKind
      readonly inode: string
      readonly size: number
      readonly mtimeMs: number
    }
  | { readonly path: string; readonly is: 'missing' | 'denied' }

export interface RangeRequest {
  readonly path: string
  readonly offset: number
  readonly maxBytes: number
  /** Refuse with `changed` when the file now has another inode. */
  readonly inode?: string
}

export type RangeAnswer =
  | { readonly is: 'bytes'; readonly bytes: Uint8Array; readonly inode: string; readonly size: number }
  | { readonly is: 'missing' | 'denied' | 'changed' }
  | { readonly is: 'fault'; readonly fault: Fault; readonly detail: string | null }

/** The questions a collector may ask. Locally files are read in process; remotely everything is one framed script. */
export interface Asker {
  run(ask: ScriptAsk): Promise<Answer>
  stat(paths: readonly string[]): Promise<readonly FileStat[]>
  readRange(request: RangeRequest): Promise<RangeAnswer>
  /** Read-only query (`mode=ro`, never `immutable=1`); rows as objects. */
  sqlite(path: string, sql: string): Promise<SqliteAnswer>
}

export type SqliteAnswer =
  | { readonly is: 'rows'; readonly rows: readonly Record<string, unknown>[] }
  | { readonly is: 'missing' }
  | { readonly is: 'fault'; readonly fault: Fault; readonly detail: string | null }
