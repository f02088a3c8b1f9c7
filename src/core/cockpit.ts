import type { BegunAnew, Reader } from './carrier.ts'
import type { LookWish, NotLooked } from './looked.ts'
import type { AppendOutcome, ScrapeRun } from './rows.ts'

/** Told as a cockpit works: each run as it is committed or refused, and the progress of what takes long. */
export interface CockpitHooks {
  onRun?(run: ScrapeRun, outcome: AppendOutcome): void
  /** Units are the collector's own (bytes for a backfill). */
  progress?(machineId: string, collector: string, done: number, total: number): void
  /** Another process has the store and is waited for, once. */
  onWait?(pid: number): void
}

/** What to look at now. */
export interface Wanted extends Partial<LookWish> {
  readonly signal?: AbortSignal
}

/** The owner of the store, running in this process. */
export interface RunningCockpit {
  readonly reader: Reader
  readonly machineIds: readonly string[]
  /** What is to be said while the database took the place of one that backups remember; null: it did not, or nobody can tell. */
  begunAnew(): Promise<BegunAnew | null>
  /** One look now; resolves when every run is committed; `judgeNow` judges it. Throws for a name that does not exist. */
  collect(wanted: Wanted): Promise<readonly NotLooked[]>
  /** Judges what is committed so far. */
  judgeNow(): Promise<void>
  /** Opens the socket for other commands; returns its path. */
  serve(): Promise<string>
  /** Begins polling in the beat of each machine. */
  start(): void
  /** Takes a new configuration in force, all of it or nothing. Throws and keeps the old one when it is refused. */
  reload(): Promise<void>
  stop(): Promise<void>
}
