import { rowCount, type ScrapeRun } from '../core/rows.ts'

/** A run as it is worth writing. */
export interface Lightened {
  readonly run: ScrapeRun
  /** It looked and found nothing, as the look before it did: only its scrape row says anything. */
  readonly quiet: boolean
}

/** Remembers which sources showed nothing, so that nothing again costs a scrape row and no picture of nothing. */
export interface Steady {
  lighten(run: ScrapeRun): Lightened
  /** How the run, as it was before lightening, ended in the store. */
  stored(run: ScrapeRun, ok: boolean): void
}

// Which pictures an empty run replaces; null for a run that brings something or does not know.
const emptiness = ({ up, partial, cursors, batches }: ScrapeRun): string | null =>
  up && !partial && cursors.length === 0 && batches.every((batch) => rowCount(batch) === 0)
    ? batches
        .map((batch) => `${batch.table}\u0001${batch.scope ?? ''}`)
        .sort()
        .join('\u0002')
    : null

export const openSteady = (): Steady => {
  const empty = new Map<string, string>()
  const keyOf = (run: ScrapeRun): string => `${run.machineId}\u0000${run.collector}`
  return {
    lighten(run) {
      const shape = emptiness(run)
      const quiet = shape !== null && empty.get(keyOf(run)) === shape
      return quiet ? { run: { ...run, batches: [] }, quiet } : { run, quiet }
    },
    stored(run, ok) {
      const shape = ok ? emptiness(run) : null
      if (shape === null) empty.delete(keyOf(run))
      else empty.set(keyOf(run), shape)
    },
  }
}
