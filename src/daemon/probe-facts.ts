import { decodeFacts, probe } from '../collectors/probe/index.ts'
import type { ScrapeRun } from '../core/rows.ts'
import { cursorEverywhere, type Store } from '../store/index.ts'
import type { ProbeFacts } from './machine-rows.ts'

/** What the probe knows of each machine. A look tells only what is new: the rest was stored, by another process perhaps. */
export interface KnownFacts {
  heard(run: ScrapeRun): void
  /** Null for a machine that no probe has told of yet. */
  of(machineId: string): Promise<ProbeFacts | null>
}

export const openProbeFacts = ({ db }: Pick<Store, 'db'>): KnownFacts => {
  const heard = new Map<string, ProbeFacts>()
  let stored: Promise<ReadonlyMap<string, unknown>> | null = null
  // Once for all machines: after a start each of them is asked for. What comes later is heard.
  const readStored = (): Promise<ReadonlyMap<string, unknown>> => {
    const reading = cursorEverywhere(db, probe.name, 'facts')
    // A failed read must not be remembered.
    reading.catch(() => {
      stored = null
    })
    return reading
  }
  return {
    heard(run) {
      const facts = factsIn(run.cursors.find((change) => change.key === 'facts')?.value)
      if (facts !== null) heard.set(run.machineId, facts)
    },
    async of(machineId) {
      const present = heard.get(machineId)
      if (present !== undefined) return present
      stored ??= readStored()
      const value = (await stored).get(machineId)
      return heard.get(machineId) ?? factsIn(value)
    },
  }
}

const factsIn = (value: unknown): ProbeFacts | null => {
  const decoded = decodeFacts(value)
  if (decoded === null) return null
  const { clockSkewMs, nvidia: _nvidia, ...rest } = decoded
  return { ...rest, skewMs: clockSkewMs }
}
