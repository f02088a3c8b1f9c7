/** Work by name: what has one name runs one after the other, names do not wait for each other. */
export interface Lanes {
  /** Runs it after what runs now; what waits already stands for it. */
  run(name: string, work: () => Promise<void>): void
  /** Runs it after all that waits; nothing is left out. */
  add(name: string, work: () => Promise<void>): void
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>
}

interface Lane {
  last: Promise<void>
  waits: boolean
}

/** `failed` hears of what was thrown; the lane goes on. */
export const openLanes = (failed: (error: unknown) => void): Lanes => {
  const lanes = new Map<string, Lane>()
  const laneOf = (name: string): Lane => {
    const lane = lanes.get(name) ?? { last: Promise.resolve(), waits: false }
    lanes.set(name, lane)
    return lane
  }
  return {
    run(name, work) {
      const lane = laneOf(name)
      if (lane.waits) return
      lane.waits = true
      lane.last = lane.last
        .then(() => {
          lane.waits = false
          return work()
        })
        .catch(failed)
    },
    add(name, work) {
      const lane = laneOf(name)
      lane.last = lane.last.then(work).catch(failed)
    },
    async idle() {
      await Promise.all([...lanes.values()].map((lane) => lane.last))
    },
  }
}
