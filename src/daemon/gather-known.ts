import type { Row } from '../core/rows.ts'
import { knownRowsOf, type Store } from '../store/index.ts'

/** More machines than this in one question would keep others waiting for it. */
const MOST_MACHINES = 64

interface Gathering {
  readonly machineIds: Set<string>
  readonly answer: Promise<ReadonlyMap<string, readonly Row[]>>
}

/**
 * Reads known rows of machines. Whoever asks for the same table in one turn of the event loop, or while the question before
 * is being answered, shares a question: after a group of runs as many machines are judged, and half of what a small
 * question costs is asking it.
 */
export const gatherKnown = (store: Pick<Store, 'db' | 'catalog'>) => {
  const gatherings = new Map<string, Gathering>()
  const lastAsked = new Map<string, Promise<unknown>>()
  const gather = (table: string): Gathering => {
    const machineIds = new Set<string>()
    const turn = new Promise<void>((resolve) => setImmediate(resolve))
    const answer = Promise.allSettled([turn, lastAsked.get(table)]).then(() => {
      if (gatherings.get(table)?.machineIds === machineIds) gatherings.delete(table)
      return knownRowsOf(store.db, store.catalog, table, [...machineIds])
    })
    const gathering = { machineIds, answer }
    gatherings.set(table, gathering)
    lastAsked.set(table, answer)
    return gathering
  }
  return async (table: string, machineId: string): Promise<readonly Row[]> => {
    const open = gatherings.get(table)
    const gathering = open !== undefined && open.machineIds.size < MOST_MACHINES ? open : gather(table)
    gathering.machineIds.add(machineId)
    return (await gathering.answer).get(machineId) ?? []
  }
}
