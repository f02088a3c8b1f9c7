import type { Collector, MachineFacts } from '../core/collector.ts'

/** The needs of a collector that this machine cannot meet, as words for people; null when it may run. */
export function missingNeeds({ needs }: Collector, { tools }: MachineFacts): string | null {
  // Before the first probe nothing is known to be absent.
  if (tools === null) return null
  const missing = needs.filter((anyOf) => !anyOf.some((tool) => tools.has(tool)))
  return missing.length === 0 ? null : missing.map((anyOf) => anyOf.join(' or ')).join(', ')
}

/** Remembers which absences were reported, so that a tool nobody installed is one row and not one per tick. */
export interface Absences {
  /** True once for each change of what is missing. */
  isNews(machineId: string, collector: string, missing: string | null): boolean
}

export function openAbsences(): Absences {
  const reported = new Map<string, string>()
  return {
    isNews(machineId, collector, missing) {
      const key = `${machineId}\0${collector}`
      if (missing === null) {
        reported.delete(key)
        return false
      }
      if (reported.get(key) === missing) return false
      reported.set(key, missing)
      return true
    },
  }
}
