import { redact } from './redact.ts'
import { type AppendOutcome, rowCount, type ScrapeRun, type Warning } from './rows.ts'
import { displayText } from './text.ts'

/** One question of a run, as it may be shown. */
export interface ToldAsk {
  readonly name: string
  readonly argv: readonly string[]
  readonly fault: string | null
  readonly exit: number | null
  readonly bytes: number
  readonly duration_ms: number
}

/** One run as whoever asked for the look is told of it: how many rows, none of them. */
export interface ToldRun {
  readonly machine: string
  readonly collector: string
  readonly started_at: string
  /** It was running when it was asked for: what it saw may be from before. */
  readonly was_running: boolean
  readonly up: boolean
  readonly fault: string | null
  readonly detail: string | null
  readonly duration_ms: number
  readonly bytes: number
  readonly rows: number
  readonly warnings: readonly Warning[]
  readonly asks: readonly ToldAsk[]
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  /** Null when nothing could be stored. */
  readonly stored: { readonly new: number; readonly known: number } | null
  readonly cursors: readonly string[]
  readonly version: string
  readonly cpu_ms: number
  readonly partial: boolean
}

/** What was asked for and not looked at, and why. `machine` null: nowhere; `collector` null: no source there. */
export interface NotLooked {
  readonly machine: string | null
  readonly collector: string | null
  readonly why: 'disabled' | 'switched_off' | 'backing_off'
  readonly detail: string
  readonly fix: string
}

/** Which machines and collectors to look at; empty = all. */
export interface LookWish {
  readonly machines: readonly string[]
  readonly collectors: readonly string[]
}

/** How far something long is, in the collector's own units. */
export interface LookProgress {
  readonly machine: string
  readonly collector: string
  readonly done: number
  readonly total: number
}

/** One line of the daemon's answer to a wish to look now. Lines of waiting come while nothing else does. */
export type LookLine =
  | { readonly waiting: true }
  | { readonly run: ToldRun }
  | { readonly progress: LookProgress }
  | { readonly end: { readonly not_looked: readonly NotLooked[] } }
  | {
      readonly error: {
        readonly code: string
        readonly message: string
        readonly fix: string
        readonly exit_code: number
      }
    }

export const toldRun = (run: ScrapeRun, outcome: AppendOutcome, wasRunning = false): ToldRun => ({
  machine: run.machineId,
  collector: run.collector,
  started_at: run.startedAt.toISOString(),
  was_running: wasRunning,
  up: run.up && outcome.ok,
  fault: outcome.ok ? run.fault : outcome.fault,
  detail: outcome.ok ? run.detail : outcome.detail,
  duration_ms: run.durationMs,
  bytes: run.bytes,
  rows: run.batches.reduce((sum, batch) => sum + rowCount(batch), 0),
  warnings: run.warnings,
  asks: (run.asks ?? []).map((ask) => ({
    name: ask.name,
    argv: ask.args.map((arg) => displayText(redact(arg), 400)),
    fault: ask.fault,
    exit: ask.exitCode,
    bytes: ask.bytes,
    duration_ms: Math.round(ask.durationMs),
  })),
  tables: run.batches.map((batch) => ({ table: batch.table, rows: rowCount(batch) })),
  stored: outcome.ok ? { new: outcome.inserted, known: outcome.duplicates } : null,
  cursors: run.cursors.map((change) => displayText(change.key, 120)),
  version: run.sourceVersion,
  cpu_ms: run.cpuMs,
  partial: run.partial,
})
