import type { ScrapeRun } from '../core/rows.ts'

/** The source that is looked at most often: it hears first what an agent does now. */
const SOURCE = 'live'

const words = ({ batches }: ScrapeRun): string =>
  batches
    .flatMap((batch) => (batch.packed || batch.table !== 'agent_sightings' ? [] : batch.rows))
    .map((row) => `${String(row.subject)}\u0000${String(row.sighting_source)}\u0000${String(row.says)}`)
    .join('\n')

/** Remembers what agents of each machine said last, so that a run in which one of them says something else is known. */
export const openNews = () => {
  const said = new Map<string, string>()
  return {
    isIn(run: ScrapeRun): boolean {
      if (run.collector !== SOURCE || !run.up) return false
      const now = words(run)
      const before = said.get(run.machineId)
      said.set(run.machineId, now)
      return before !== undefined && before !== now
    },
  }
}
