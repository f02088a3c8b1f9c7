import type { Share } from './dna-estimate.ts'

/** Commits of a checkout by UTC day. */
export interface CommitDays {
  readonly machineId: string
  readonly path: string
  /** `YYYY-MM-DD` to commits. */
  readonly byDay: ReadonlyMap<string, number>
}

/** Who worked where on which day, and how long. */
export interface WorkDay {
  readonly who: string
  readonly machineId: string
  /** The last part of its folder, or the whole path. */
  readonly project: string
  readonly day: string
  readonly activeHours: number
}

const DAY_MS = 86_400_000

/** `[3,0,…]` whose last number is `lastDay`, as days; the last day is not over and is left out. */
export const commitDays = (counts: readonly number[], lastDay: string): ReadonlyMap<string, number> => {
  const last = Date.parse(`${lastDay}T00:00:00Z`)
  return new Map(
    counts.slice(0, -1).map((count, at) => {
      const day = new Date(last - (counts.length - 1 - at) * DAY_MS).toISOString().slice(0, 10)
      return [day, count] as const
    }),
  )
}

/** A ledger names a project by the last part of its folder: where two checkouts of a machine end alike, it names neither. */
const byName = (checkouts: readonly CommitDays[]): ReadonlyMap<string, CommitDays['byDay']> => {
  const ends = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const groups = Map.groupBy(checkouts, (one) => placeOf(one.machineId, ends(one.path)))
  const alone = [...groups].flatMap(([name, [one, ...more]]) =>
    one === undefined || more.length > 0 ? [] : [[name, one.byDay] as const],
  )
  return new Map([...alone, ...checkouts.map((one) => [placeOf(one.machineId, one.path), one.byDay] as const)])
}

const placeOf = (machineId: string, project: string): string => `${machineId}\u0001${project}`

/**
 * Commits carry no agent: a day's commits are somebody's only where nobody else known worked in that checkout on that day.
 * People commit too, and nothing tells them apart.
 */
export const commitsByWorker = (
  work: readonly WorkDay[],
  checkouts: readonly CommitDays[],
): ReadonlyMap<string, readonly Share[]> => {
  const commits = byName(checkouts)
  const days = Map.groupBy(
    work.filter((one) => commits.has(placeOf(one.machineId, one.project))),
    (one) => `${placeOf(one.machineId, one.project)}\u0001${one.day}`,
  )
  const found = new Map<string, Share[]>()
  for (const group of days.values()) {
    const [one] = group
    if (one === undefined || new Set(group.map(({ who }) => who)).size !== 1) continue
    const part = commits.get(placeOf(one.machineId, one.project))?.get(one.day)
    if (part === undefined) continue
    const whole = group.reduce((sum, { activeHours }) => sum + activeHours, 0)
    const shares = found.get(one.who) ?? []
    shares.push({ part, whole })
    found.set(one.who, shares)
  }
  return found
}
