import { rowCount, type ScrapeRun } from '../core/rows.ts'
import type { Turn } from './lane.ts'

/** Of its interval: what is shown meanwhile is by so much older, at most. */
const PART = 3
const MOST_MS = 5_000

/** Nothing but numbers of a machine, of which there will be others soon; nothing that an agent did. */
const measuresOnly = ({ up, batches }: ScrapeRun): boolean =>
  up && batches.every((batch) => rowCount(batch) === 0 || batch.table.startsWith('sys_'))

/**
 * How long what a look brought may wait for that of other machines: a commit costs by the tables it writes more than by the
 * machines (ADR 10).
 */
export const openLeisure = () => {
  const measured = new Set<string>()
  return {
    /** In ms; 0 where it may not wait. `turns` are those of a machine that nobody waits for. */
    msOf(run: ScrapeRun, turns: readonly Turn[]): number {
      const key = `${run.machineId}\u0000${run.collector}`
      const before = measured.delete(key)
      if (!measuresOnly(run)) return 0
      measured.add(key)
      const turn = turns.find(({ collector }) => collector.name === run.collector)
      // An agent that is gone is news, too.
      return before && turn ? Math.min(MOST_MS, (turn.intervalS * 1000) / PART) : 0
    },
  }
}
