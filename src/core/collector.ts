import type { Asker } from './ask.ts'
import type { Fault } from './faults.ts'
import type { CursorChange, Row, RowBatch, Warning } from './rows.ts'
import type { SqlPort } from './sql-port.ts'

/** What vc knows of the machine a collector looks at. */
export interface MachineFacts {
  readonly id: string
  readonly local: boolean
  /** `Linux`, `Darwin`, … or null before the first probe. */
  readonly os: string | null
  /** Tool name to absolute path, as the probe last saw it; null before the first probe. */
  readonly tools: ReadonlyMap<string, string> | null
}

export interface CollectContext extends Asker {
  readonly machine: MachineFacts
  /** Start of this run; becomes `collected_at`. */
  readonly startedAt: Date
  /** This collector's cursors on this machine, by key. */
  readonly cursors: ReadonlyMap<string, unknown>
  /** This collector's section of vc.toml (`[collectors.<name>]`). */
  readonly options: Readonly<Record<string, unknown>>
  /** Rows of a latest table of this machine, as committed before this run (e.g. panes known to another collector). */
  known(table: string): Promise<readonly Row[]>
  /** Runs a job module in the worker pool; `job` is a URL of a module that exports `run(payload, io)`. */
  work<Result>(job: URL, payload: unknown): Promise<Result>
  /** One read-only talk with a MySQL-protocol server, from vc itself and not from the machine. */
  readonly mysql: SqlPort
  /** Progress of something long, in units of the collector's choice (bytes for a backfill). */
  progress(done: number, total: number): void
  warn(code: string, message: string, fix: string): void
}

export interface CollectResult {
  readonly batches: readonly RowBatch[]
  readonly cursors?: readonly CursorChange[]
  /** Set when the source could not be read; rows are then usually empty. */
  readonly fault?: Fault | null
  readonly detail?: string | null
  /** Whole sections or lines were kept, others lost. */
  readonly partial?: boolean
  /** Version of the tool whose words these are, where it says one. */
  readonly sourceVersion?: string
  readonly warnings?: readonly Warning[]
  /** Bytes a job read from this machine's own disk; what asks brought is counted without it. */
  readonly bytesRead?: number
}

export interface Collector {
  readonly name: string
  readonly version: string
  readonly schemaVersion: number
  /** Tables this collector writes (a test compares). */
  readonly tables: readonly string[]
  /** Default seconds between runs. */
  readonly interval: { readonly localS: number; readonly remoteS: number }
  /** Whole-run limit; always below the interval. */
  readonly timeoutMs: number
  /** The same for remote machines, where their interval allows more; absent: `timeoutMs`. */
  readonly remoteTimeoutMs?: number
  /** Tools that must be on the machine (any of each inner list); absent ones cost nothing after detection. */
  readonly needs: readonly (readonly string[])[]
  /** What it asks follows from what the probe found: on a machine nobody has looked at yet, it waits for that. */
  readonly afterProbe?: boolean
  /** The version of each tool that its reader was last tried with; its words of a newer one are read all the same. */
  readonly tested?: Readonly<Record<string, string>>
  /** For docs: what is run there and what is opened there. Words in capitals stand for values. */
  readonly reads?: { readonly commands?: readonly string[]; readonly files?: readonly string[] }
  /** One line for docs: what it reads and what for. */
  readonly about: string
  collect(ctx: CollectContext): Promise<CollectResult>
}

/** Keeps literal types and checks the shape in one place. */
export const defineCollector = (collector: Collector): Collector => collector
