import type { CollectResult } from '../src/core/collector.ts'
import type { ScrapeRun } from '../src/core/rows.ts'

/** A run that went well and brought nothing, at the beginning of time; each test names what matters to it. */
export const scrapeRun = (about: Partial<ScrapeRun> = {}): ScrapeRun => ({
  machineId: 'atlas',
  collector: 'probe',
  sourceVersion: '1',
  schemaVersion: 1,
  startedAt: new Date(0),
  durationMs: 1,
  up: true,
  fault: null,
  detail: null,
  partial: false,
  bytes: 0,
  cpuMs: 0,
  batches: [],
  cursors: [],
  warnings: [],
  ...about,
})

/** The run of a collector that ended with this result. */
export const runOfResult = (
  collector: string,
  { sourceVersion = '1', fault = null, detail = null, partial = false, batches, cursors = [] }: CollectResult,
  about: Partial<ScrapeRun> = {},
): ScrapeRun =>
  scrapeRun({ collector, sourceVersion, up: fault === null, fault, detail, partial, batches, cursors, ...about })
