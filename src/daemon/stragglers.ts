import type { ScrapeRun } from '../core/rows.ts'

/** Follows one look, so that a source that hangs keeps nobody but itself. */
export interface Stragglers {
  /** The rows of this run are committed, or there are none: its source could have its next turn. */
  freed(run: ScrapeRun): void
  /** The look is over: what was not given back before. */
  end(runs: readonly ScrapeRun[]): readonly ScrapeRun[]
  /** The first were given back, so the look needs no place among the machines any more. */
  readonly overdue: Promise<void>
}

/**
 * `giveBack` is called with the runs that are through when the look has lasted for `patienceMs`, and from then on with each
 * that follows: `first` once, with all that came in time. A machine that answered nobody is not told apart: it may hang as a whole.
 */
export const watchStragglers = (
  patienceMs: number,
  giveBack: (runs: readonly ScrapeRun[], first: boolean) => void,
): Stragglers => {
  const overdue = Promise.withResolvers<void>()
  const given = new Set<ScrapeRun>()
  let waiting: ScrapeRun[] = []
  let [late, over] = [false, false]
  const give = (): void => {
    const first = given.size === 0
    if (over || waiting.length === 0 || (first && !waiting.some((run) => run.up))) return
    for (const run of waiting) given.add(run)
    giveBack(waiting, first)
    waiting = []
    overdue.resolve()
  }
  const timer = setTimeout(() => {
    late = true
    give()
  }, patienceMs)
  return {
    overdue: overdue.promise,
    freed(run) {
      waiting.push(run)
      if (late) give()
    },
    end(runs) {
      over = true
      clearTimeout(timer)
      return runs.filter((run) => !given.has(run))
    },
  }
}
