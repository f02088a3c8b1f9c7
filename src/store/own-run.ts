import type { RowBatch, ScrapeRun } from '../core/rows.ts'

/** Rows that vc writes on its own account (inventory, agents, alerts): no scrape row. */
export interface OwnChange {
  readonly machineId: string
  readonly source: string
  readonly at: Date
  readonly batches: readonly RowBatch[]
  /** The few rows that say the disk is full: they may use a little of what is kept free. */
  readonly urgent?: boolean
  /** Somebody should see it soon: it waits for company no longer than keeps commits rare. */
  readonly soon?: boolean
  /** Somebody waits for it: it commits at once, together with what waits already. */
  readonly awaited?: boolean
}

/** What vc itself writes, in the shape of a run that no machine made. */
export const ownRun = (change: OwnChange): ScrapeRun => ({
  machineId: change.machineId,
  collector: change.source,
  sourceVersion: '1',
  schemaVersion: 1,
  startedAt: change.at,
  durationMs: 0,
  up: true,
  fault: null,
  detail: null,
  partial: false,
  bytes: 0,
  cpuMs: 0,
  batches: change.batches,
  cursors: [],
  warnings: [],
})
