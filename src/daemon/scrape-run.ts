import { isDeepStrictEqual } from 'node:util'
import type { Collector, CollectResult } from '../core/collector.ts'
import { messageOf } from '../core/errors.ts'
import type { Fault } from '../core/faults.ts'
import type { CursorChange, ScrapeRun, Warning } from '../core/rows.ts'
import { displayText } from '../core/text.ts'
import { AskError } from '../transport/ask-error.ts'
import type { AskMeter } from '../transport/asker-meter.ts'

/** How one run ended: what the collector returned, or why it did not. */
export type Ending =
  | { readonly is: 'result'; readonly result: CollectResult }
  | { readonly is: 'fault'; readonly fault: Fault; readonly detail: string }

/** A throw of a collector as the fault of its run. */
export function endingOfThrow(error: unknown): Ending {
  if (error instanceof AskError) return { is: 'fault', fault: error.fault, detail: error.detail ?? error.message }
  return { is: 'fault', fault: 'bad_output', detail: messageOf(error) }
}

const changedOnly = (changes: readonly CursorChange[], before: ReadonlyMap<string, unknown>): readonly CursorChange[] =>
  changes.filter(({ key, value }) => !isDeepStrictEqual(before.get(key) ?? null, value))

const DETAIL_CHARS = 500

export interface RunFacts {
  readonly machineId: string
  readonly collector: Collector
  readonly startedAt: Date
  readonly durationMs: number
  readonly meter: AskMeter
  readonly cursors: ReadonlyMap<string, unknown>
  readonly warnings: readonly Warning[]
}

/**
 * Everything of one run that must commit together. When the way to the machine broke, the run has that fault whatever
 * the collector made of it; rows of a broken or truncated run are kept only if the collector calls them `partial`.
 */
export function scrapeRunOf(facts: RunFacts, ending: Ending): ScrapeRun {
  const { collector, meter } = facts
  const result: CollectResult = ending.is === 'result' ? ending.result : { batches: [] }
  const own = ending.is === 'result' ? { fault: result.fault ?? null, detail: result.detail ?? null } : ending
  const { fault, detail } = meter.lost !== null && own.fault !== 'timeout' ? meter.lost : own
  const partial = result.partial ?? false
  const keeps = partial || (meter.lost === null && fault !== 'truncated')
  return {
    machineId: facts.machineId,
    collector: collector.name,
    sourceVersion: result.sourceVersion ?? collector.version,
    schemaVersion: collector.schemaVersion,
    startedAt: facts.startedAt,
    durationMs: Math.round(facts.durationMs),
    up: fault === null,
    fault,
    detail: detail === null ? null : displayText(detail, DETAIL_CHARS),
    partial,
    bytes: meter.bytes + (result.bytesRead ?? 0),
    cpuMs: Math.round(meter.cpuMs),
    batches: keeps ? result.batches : [],
    cursors: keeps ? changedOnly(result.cursors ?? [], facts.cursors) : [],
    warnings: [...facts.warnings, ...(result.warnings ?? [])],
    asks: meter.notes,
  }
}
