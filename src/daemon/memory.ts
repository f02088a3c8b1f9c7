import { type Row, type RowBatch, rowCount, type ScrapeRun } from '../core/rows.ts'
import { cursorsOf, knownThrough, type MetAgents, metAgents, type Store, tableSpec } from '../store/index.ts'
import { gatherKnown } from './gather-known.ts'

/** What collectors were told before, kept in memory by the owner of the store so that a tick reads nothing from disk. */
export interface FleetMemory {
  cursors(machineId: string, collector: string): Promise<ReadonlyMap<string, unknown>>
  known(machineId: string, table: string): Promise<readonly Row[]>
  /** Agents of long ago that bore one of these names; read from the disk each time, as few come back. */
  met(machineId: string, names: readonly string[]): Promise<MetAgents>
  /** After a run is committed: its cursors are the new ones, and what it wrote is read anew. */
  committed(run: ScrapeRun): void
  /** After these tables of a machine were written: they are read anew. */
  wrote(machineId: string, batches: readonly RowBatch[]): void
  forget(machineId: string): void
}

export const openMemory = (store: Store): FleetMemory => {
  const readKnown = gatherKnown(store)
  const cursors = new Map<string, Promise<Map<string, unknown>>>()
  const known = new Map<string, Promise<readonly Row[]>>()
  /** What was read last and had no row: nothing written on top of nothing needs no reading. */
  const none = new Set<string>()
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
    for (const batch of batches) {
      const latest = tableSpec(batch.table)?.latest
      // Only a picture is replaced by nothing; other tables are as they were.
      if (rowCount(batch) === 0 && latest === undefined) continue
      const changed = latest === undefined ? [batch.table] : [batch.table, latest]
      for (const name of rowCount(batch) === 0 ? changed : [...changed, ...knownThrough(batch.table)]) {
        const key = pair(machineId, name)
        if (rowCount(batch) === 0 && none.has(key)) continue
        known.delete(key)
        none.delete(key)
      }
    }
  }
  return {
    cursors: readCursors,
    known: (machineId, table) => {
      const key = pair(machineId, table)
      const reading = once(known, key, async () => {
        const rows = await readKnown(table, machineId)
        if (rows.length === 0 && known.get(key) === reading) none.add(key)
        return rows
      })
      return reading
    },
    met: (machineId, names) => metAgents(store.db, store.catalog, machineId, names),
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
      for (const kept of [cursors, known, none])
        for (const key of kept.keys()) if (key.startsWith(`${machineId}\u0000`)) kept.delete(key)
    },
  }
}
