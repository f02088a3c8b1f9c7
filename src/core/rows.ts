import type { AskNote } from './ask.ts'
import type { Fault } from './faults.ts'
import type { PackedRows } from './packed-rows.ts'

/** One value as the store takes it. Dates are UTC TIMESTAMPs; counters that may pass 2^53 travel as bigint. */
export type Cell = string | number | bigint | boolean | Date | null

/** Column name (as in migrations/) to value. Envelope columns are added by the store. */
export type Row = Readonly<Record<string, Cell>>

export interface RowBatch {
  readonly table: string
  readonly rows: readonly Row[]
  /** More rows, in columns; for `ledger` tables only. */
  readonly packed?: PackedRows
  /** For `state` tables: which part of the latest picture these rows replace; default the whole machine × source. */
  readonly scope?: string
}

export const rowCount = (batch: RowBatch): number => batch.rows.length + (batch.packed?.count ?? 0)

/** A cursor commits with the rows it stands for. `value: null` forgets it. */
export interface CursorChange {
  readonly key: string
  readonly value: unknown
}

export interface Warning {
  readonly code: string
  readonly message: string
  readonly fix: string
}

/** One run of one collector on one machine: everything that must commit together. */
export interface ScrapeRun {
  readonly machineId: string
  readonly collector: string
  readonly sourceVersion: string
  readonly schemaVersion: number
  /** When vc began to look; becomes `collected_at`. */
  readonly startedAt: Date
  readonly durationMs: number
  readonly up: boolean
  readonly fault: Fault | null
  readonly detail: string | null
  readonly partial: boolean
  readonly bytes: number
  readonly cpuMs: number
  readonly batches: readonly RowBatch[]
  readonly cursors: readonly CursorChange[]
  readonly warnings: readonly Warning[]
  /** What was asked, the first hundred of it. */
  readonly asks?: readonly AskNote[]
}

export type AppendOutcome =
  | { readonly ok: true; readonly inserted: number; readonly duplicates: number }
  | { readonly ok: false; readonly fault: 'persist_failed'; readonly detail: string }
