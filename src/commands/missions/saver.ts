import { VcError } from '../../core/errors.ts'
import type { Row } from '../../core/rows.ts'
import type { Store } from '../../store/index.ts'

/** Rows of one decision, by table. */
export type Changes = Readonly<Record<string, readonly Row[]>>

interface Waiting {
  readonly changes: Changes
  readonly at: Date
  readonly done: () => void
  readonly fail: (error: unknown) => void
}

export interface Saver {
  /** Resolves when the rows are committed. Decisions that wait at the same time share one transaction. */
  save(changes: Changes, at: Date): Promise<void>
}

/**
 * Commits decisions in the order in which they were taken. When one is not stored, those taken after it fail with it, because
 * they may rest on it, and `onLost` is told to forget what was decided.
 */
export const openSaver = (store: Pick<Store, 'write'>, onLost: () => void): Saver => {
  let waiting: Waiting[] = []
  let busy = false

  const write = async (group: readonly Waiting[]): Promise<void> => {
    const tables = new Map<string, Row[]>()
    for (const { changes } of group)
      for (const [table, rows] of Object.entries(changes)) tables.set(table, [...(tables.get(table) ?? []), ...rows])
    const batches = [...tables].flatMap(([table, rows]) => (rows.length === 0 ? [] : [{ table, rows }]))
    if (batches.length === 0) return
    const at = group.at(-1)?.at ?? new Date()
    const outcome = await store.write({ machineId: 'fleet', source: 'missions', at, batches, awaited: true })
    if (!outcome.ok) throw new VcError('not_stored', `it was not stored: ${outcome.detail}`, 'look with: vc doctor')
  }
  const work = async (): Promise<void> => {
    busy = true
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await write(group)
        for (const { done } of group) done()
      } catch (error) {
        const all = [...group, ...waiting]
        waiting = []
        onLost()
        for (const { fail } of all) fail(error)
      }
    }
    busy = false
  }
  return {
    save: (changes, at) =>
      new Promise((done, fail) => {
        waiting.push({ changes, at, done, fail })
        if (!busy) void work()
      }),
  }
}
