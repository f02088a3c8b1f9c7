import type { Row, RowBatch, ScrapeRun } from '../core/rows.ts'
import { cursorsOf, knownRows, type Store, tableSpec } from '../store/index.ts'

/** What collectors were told before, kept in memory by the owner of the store so that a tick reads nothing from disk. */
export interface FleetMemory {
  cursors(machineId: string, collector: string): Promise<ReadonlyMap<string, unknown>>
  known(machineId: string, table: string): Promise<readonly Row[]>
  /** After a run is committed: its cursors are the new ones, and what it wrote is read anew. */
  committed(run: ScrapeRun): void
  /** After these tables of a machine were written: they are read anew. */
  wrote(machineId: string, batches: readonly RowBatch[]): void
  forget(machineId: string): void
}

export const openMemory = (store: Store): FleetMemory => {
  const cursors = new Map<string, Promise<Map<string, unknown>>>()
  const known = new Map<string, Promise<readonly Row[]>>()
  const pair = (a: string, b: string): string => `${a}\u0000${b}`
  // A failed read must not be remembered.
  const once = <Value>(map: Map<string, Promise<Value>>, key: string, read: () => Promise<Value>): Promise<Value> => {
    const present = map.get(key)
    if (present) return present
    const reading = read()
    map.set(key, reading)
    reading.catch(() => map.delete(key))
    return reading
  }
  const readCursors = (machineId: string, collector: string) =>
    once(cursors, pair(machineId, collector), async () => new Map(await cursorsOf(store.db, machineId, collector)))
  const wrote = (machineId: string, batches: readonly RowBatch[]): void => {
    for (const { table } of batches) {
      const latest = tableSpec(table)?.latest
      for (const name of latest === undefined ? [table] : [table, latest]) known.delete(pair(machineId, name))
    }
  }
  return {
    cursors: readCursors,
    known: (machineId, table) =>
      once(known, pair(machineId, table), () => knownRows(store.db, store.catalog, table, machineId)),
    committed(run) {
      if (run.cursors.length > 0)
        readCursors(run.machineId, run.collector).then(
          (map) => {
            for (const { key, value } of run.cursors) value === null ? map.delete(key) : map.set(key, value)
          },
          // What could not be read is not remembered: the next read brings the committed ones from the disk.
          () => undefined,
        )
      wrote(run.machineId, run.batches)
    },
    wrote,
    forget(machineId) {
      for (const map of [cursors, known])
        for (const key of map.keys()) if (key.startsWith(`${machineId}\u0000`)) map.delete(key)
    },
  }
}
