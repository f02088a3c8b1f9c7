import { decodeFacts, probe } from '../collectors/probe/index.ts'
import type { ScrapeRun } from '../core/rows.ts'
import { cursorsOf, type Store } from '../store/index.ts'
import type { ProbeFacts } from './machine-rows.ts'

/** What the probe knows of each machine. A look tells only what is new: the rest was stored, by another process perhaps. */
export interface KnownFacts {
  heard(run: ScrapeRun): void
  /** Null for a machine that no probe has told of yet. */
  of(machineId: string): Promise<ProbeFacts | null>
}

export const openProbeFacts = (store: Pick<Store, 'db'>): KnownFacts => {
  const known = new Map<string, Promise<ProbeFacts | null>>()
  const stored = async (machineId: string): Promise<ProbeFacts | null> =>
    factsIn((await cursorsOf(store.db, machineId, probe.name)).get('facts'))
  return {
    heard(run) {
      const facts = factsIn(run.cursors.find((change) => change.key === 'facts')?.value)
      if (facts !== null) known.set(run.machineId, Promise.resolve(facts))
    },
    of(machineId) {
      const present = known.get(machineId)
      if (present !== undefined) return present
      const reading = stored(machineId)
      known.set(machineId, reading)
      // A failed read must not be remembered, nor replace what was heard meanwhile.
      reading.catch(() => known.get(machineId) === reading && known.delete(machineId))
      return reading
    },
  }
}

const factsIn = (value: unknown): ProbeFacts | null => {
  const decoded = decodeFacts(value)
  if (decoded === null) return null
  const { clockSkewMs, nvidia: _nvidia, ...rest } = decoded
  return { ...rest, skewMs: clockSkewMs }
}
