import type { EngineBook, Happened } from '../commands/engine/book.ts'
import { readKept } from '../queries/rows-engine.ts'
import type { Store } from '../store/index.ts'

/** Health is looked at this often per machine; it changes with what the collectors bring. */
const EVERY_MS = 15_000

/** Who ended long ago stays dead; far fewer end on one machine between two looks. */
const MOST_ENDED = 100

/** Tells when the health of an agent becomes another one: alive, responsive, state. Reads only what was collected anyway. */
export const openHealthWatch = (ports: {
  readonly store: Store
  readonly book: EngineBook
  readonly now: () => Date
}) => {
  const known = new Map<string, string>()
  const lookedMs = new Map<string, number>()
  return async (machineId: string): Promise<void> => {
    const now = ports.now()
    // The clock may have been set back since.
    const restedMs = now.getTime() - (lookedMs.get(machineId) ?? 0)
    if (restedMs >= 0 && restedMs < EVERY_MS) return
    lookedMs.set(machineId, now.getTime())
    const kept = await readKept({ db: ports.store.db, now, plan: { machines: [] } }, null, {
      machineId,
      settled: MOST_ENDED,
    })
    for (const { row, health } of kept) {
      const { alive, responsive, state } = health
      const word = JSON.stringify([alive, responsive, state])
      const before = known.get(row.agent_id)
      known.set(row.agent_id, word)
      // The first look after a start of vc compares with nothing.
      if (before === undefined || before === word) continue
      const data = {
        alive,
        responsive,
        state,
        mem_bytes: health.memBytes,
        cpu_pct: health.cpuPct,
        idle_ms: health.idleMs,
      }
      await ports.book.tell(row, [{ type: 'health', detail: `${state}: ${health.why}`, data } satisfies Happened])
    }
  }
}
