import type { AppendOutcome, ScrapeRun } from '../core/rows.ts'

/** Told of a run when the store has answered for it. */
export type HearRun = (run: ScrapeRun, outcome: AppendOutcome) => void

/** One look at one machine, until every run of it is in the store or refused there. */
export interface Looking {
  /** The run of this source, also when it ended before. */
  hear(source: string, hear: HearRun): void
  readonly saw: HearRun
  /** All runs ended and are on their way to the store. */
  readonly looked: Promise<void>
  readonly over: Promise<void>
}

/** The looks that are under way: who asks for a source that is being looked at waits for that run and starts none. */
export interface UnderWay {
  /** It is kept until it is over. */
  begin(machineId: string, sources: readonly string[], ends: Pick<Looking, 'looked' | 'over'>): Looking
  of(machineId: string, source: string): Looking | null
}

const openLooking = (ends: Pick<Looking, 'looked' | 'over'>): Looking => {
  const ended = new Map<string, readonly [ScrapeRun, AppendOutcome]>()
  const hearers = new Map<string, HearRun[]>()
  return {
    ...ends,
    hear(source, hear) {
      const end = ended.get(source)
      if (end === undefined) hearers.set(source, [...(hearers.get(source) ?? []), hear])
      else hear(...end)
    },
    saw(run, outcome) {
      ended.set(run.collector, [run, outcome])
      for (const hear of hearers.get(run.collector) ?? []) hear(run, outcome)
      hearers.delete(run.collector)
    },
  }
}

export const openUnderWay = (): UnderWay => {
  const lookings = new Map<string, Looking>()
  const keyOf = (machineId: string, source: string): string => `${machineId}\u0000${source}`
  return {
    begin(machineId, sources, ends) {
      const looking = openLooking(ends)
      const keys = sources.map((source) => keyOf(machineId, source))
      for (const key of keys) lookings.set(key, looking)
      void ends.over.then(() => {
        // A source may have had its next turn already: a run that found nothing is stored long after it is over.
        for (const key of keys) if (lookings.get(key) === looking) lookings.delete(key)
      })
      return looking
    },
    of: (machineId, source) => lookings.get(keyOf(machineId, source)) ?? null,
  }
}
