import type { FleetRows } from '../queries/fleet-rows.ts'

/**
 * The rows of the fleet as last judged, ready for whoever asks. What is kept are rows and not answers: ages, staleness and
 * status are worked out at the moment of asking.
 */
export interface ReadyRows {
  now(): Promise<FleetRows>
  /** The rows a judgement rested on, and from when they are; null when the judgement itself changed what they say. */
  judged(rows: FleetRows | null, from: Date): void
  /** What they say was written beside a judgement: rows from before are old. */
  changed(at: Date): void
}

export const openReadyRows = (read: () => Promise<FleetRows>): ReadyRows => {
  let ready: Promise<FleetRows> | null = null
  let changedAtMs = Number.NEGATIVE_INFINITY
  return {
    now() {
      if (ready !== null) return ready
      const reading = read()
      ready = reading
      // A failed read must not be remembered.
      reading.catch(() => {
        if (ready === reading) ready = null
      })
      return reading
    },
    judged(rows, from) {
      ready = rows === null || from.getTime() <= changedAtMs ? null : Promise.resolve(rows)
    },
    changed(at) {
      changedAtMs = at.getTime()
      ready = null
    },
  }
}
