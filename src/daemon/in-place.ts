import type { LimitFunction } from 'p-limit'
import { rowCount, type ScrapeRun } from '../core/rows.ts'

export interface Placed {
  readonly whole: Promise<void>
  /** From here on it needs no place any more. */
  readonly placed: Promise<unknown>
}

/** More rows than these keep their place until they are committed: a store that falls behind must not fill memory. */
const LIGHT_ROWS = 2_000

export const isLight = (runs: readonly ScrapeRun[]): boolean =>
  runs.flatMap(({ batches }) => batches).reduce((rows, batch) => rows + rowCount(batch), 0) <= LIGHT_ROWS

/** Begins when there is a place, gives the place back when it needs none, and resolves with the whole. */
export const inPlace = async (places: LimitFunction, begin: () => Placed): Promise<void> => {
  let whole: Promise<void> | null = null
  await places(() => {
    const begun = begin()
    whole = begun.whole
    return begun.placed
  })
  await whole
}
