import type { EngineBook, Happened } from '../commands/engine/book.ts'
import type { AgentHealth } from '../oracle/agent-health.ts'
import { readKept } from '../queries/rows-engine.ts'
import type { Store } from '../store/index.ts'

/** Health is looked at this often per machine; it changes with what the collectors bring. */
const EVERY_MS = 15_000

const wordOf = ({ alive, responsive, state }: Pick<AgentHealth, 'alive' | 'responsive' | 'state'>): string =>
  JSON.stringify([alive, responsive, state])

/** In every other status an agent is dead, whatever the collectors bring. */
const MAY_LIVE: ReadonlySet<string> = new Set(['queued', 'starting', 'running'])
const DEAD = wordOf({ alive: false, responsive: false, state: 'dead' })

/** Tells when the health of an agent becomes another one: alive, responsive, state. Reads only what was collected anyway. */
export const openHealthWatch = (ports: {
  readonly store: Store
  readonly book: EngineBook
  readonly now: () => Date
}) => {
  const known = new Map<string, string>()
  const lookedMs = new Map<string, number>()

  // Of half a year nearly all ended long ago: on a machine where nobody lives nothing is read.
  const unsettled = (machineId: string): readonly string[] =>
    ports.book.on(machineId).flatMap(({ agent_id: id, status, wanted }) => {
      if (wanted === 'forgotten') return []
      if (MAY_LIVE.has(status)) return [id]
      const before = known.get(id)
      if (before === undefined) known.set(id, DEAD)
      return before === undefined || before === DEAD ? [] : [id]
    })

  return async (machineId: string): Promise<void> => {
    const now = ports.now()
    // The clock may have been set back since.
    const restedMs = now.getTime() - (lookedMs.get(machineId) ?? 0)
    if (restedMs >= 0 && restedMs < EVERY_MS) return
    lookedMs.set(machineId, now.getTime())
    const agentIds = unsettled(machineId)
    if (agentIds.length === 0) return
    const kept = await readKept({ db: ports.store.db, now, plan: { machines: [] } }, null, { machineId, agentIds })
    for (const { row, health } of kept) {
      const word = wordOf(health)
      const before = known.get(row.agent_id)
      known.set(row.agent_id, word)
      // The first look after a start of vc compares with nothing.
      if (before === undefined || before === word) continue
      const data = {
        ...{ alive: health.alive, responsive: health.responsive, state: health.state },
        mem_bytes: health.memBytes,
        cpu_pct: health.cpuPct,
        idle_ms: health.idleMs,
      }
      await ports.book.tell(row, [
        { type: 'health', detail: `${health.state}: ${health.why}`, data } satisfies Happened,
      ])
    }
  }
}
