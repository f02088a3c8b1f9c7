import type { WorkHour } from './dna.ts'
import { shuffleInPlace } from './patterns-random.ts'
import type { PatternTest } from './patterns-test.ts'

/** Hours of either kind, together and alone, that both must have. */
const LEAST_HOURS = 10
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Hours of a day that are compared with one another. */
const PARTS_OF_DAY = 4

interface Paced {
  readonly ms: number
  readonly pace: number
}

interface Labelled {
  readonly day: number
  readonly pace: number
  readonly together: boolean
}

// Pace has a long tail, and goes with the hour of the day: neither must look like the work of a neighbour.
const paceOf = (hours: readonly WorkHour[]): readonly Paced[] => {
  const raw = [...Map.groupBy(hours, ({ at }) => at.getTime())].map(([ms, group]) => {
    const active = Math.min(
      1,
      group.reduce((sum, one) => sum + one.activeHours, 0),
    )
    const output = group.reduce((sum, one) => sum + one.outputTokens, 0)
    return { ms, pace: Math.log1p(output / Math.max(active, 1 / 12)) }
  })
  const part = (ms: number): number => Math.floor(((ms % DAY_MS) / DAY_MS) * PARTS_OF_DAY)
  const usual = new Map(
    [...Map.groupBy(raw, ({ ms }) => part(ms))].map(([at, group]) => [
      at,
      group.reduce((sum, { pace }) => sum + pace, 0) / group.length,
    ]),
  )
  return raw.map(({ ms, pace }) => ({ ms, pace: pace - (usual.get(part(ms)) ?? 0) }))
}

/** Only days with hours of both kinds: a bad day must not look like a bad neighbour. */
const labelled = (own: readonly Paced[], other: ReadonlySet<number>): readonly Labelled[] => {
  const all = own.map(({ ms, pace }) => ({ day: Math.floor(ms / DAY_MS), pace, together: other.has(ms) }))
  const mixed = Map.groupBy(all, ({ day }) => day)
  return all.filter(({ day }) => {
    const mine = mixed.get(day) ?? []
    return mine.some(({ together }) => together) && mine.some(({ together }) => !together)
  })
}

const difference = (hours: readonly Labelled[], paces: ArrayLike<number>): number => {
  let [together, alone, n] = [0, 0, 0]
  for (const [at, hour] of hours.entries()) {
    const pace = paces[at] ?? 0
    if (hour.together) {
      together += pace
      n++
    } else alone += pace
  }
  return together / n - alone / (hours.length - n)
}

const blocksOf = (hours: readonly Labelled[]): readonly (readonly number[])[] => [
  ...Map.groupBy([...hours.keys()], (at) => hours[at]?.day ?? 0).values(),
]

// Paces change places within their day only.
const reordered = (
  hours: readonly Labelled[],
  blocks: ReturnType<typeof blocksOf>,
  random: () => number,
): Float64Array => {
  const paces = new Float64Array(hours.length)
  for (const block of blocks) {
    const values = block.map((at) => hours[at]?.pace ?? 0)
    shuffleInPlace(values, random)
    for (const [index, at] of block.entries()) paces[at] = values[index] ?? 0
  }
  return paces
}

const enough = (hours: readonly Labelled[]): boolean => {
  const together = hours.filter((one) => one.together).length
  return together >= LEAST_HOURS && hours.length - together >= LEAST_HOURS
}

const paceTest = (
  place: string,
  pair: readonly [string, string],
  sides: readonly (readonly Labelled[])[],
): PatternTest => {
  const sorted = sides.map((hours) => hours.toSorted((a, b) => a.day - b.day))
  const blocks = sorted.map(blocksOf)
  const mean = (of: (at: number) => number): number => (of(0) + of(1)) / 2
  const effect = mean((at) =>
    difference(
      sorted[at] ?? [],
      (sorted[at] ?? []).map(({ pace }) => pace),
    ),
  )
  const n = sorted.reduce((sum, hours) => sum + hours.length, 0)
  const together = sorted[0]?.filter((one) => one.together).length ?? 0
  return {
    key: ['pace', place, ...pair].join('\u0001'),
    kind: 'pace',
    agents: pair,
    project: place.split('\u0001')[1] ?? null,
    n,
    effect: Math.expm1(effect),
    seen: Math.abs(effect),
    chance: (random) =>
      Math.abs(mean((at) => difference(sorted[at] ?? [], reordered(sorted[at] ?? [], blocks[at] ?? [], random)))),
    evidence: { hours_together: together, hours: n },
  }
}

const testsAt = (place: string, here: readonly WorkHour[]): readonly PatternTest[] => {
  const paces = [...Map.groupBy(here, ({ agentId }) => agentId ?? '')].map(([agent, mine]) => {
    const own = paceOf(mine)
    return { agent, own, at: new Set(own.map(({ ms }) => ms)) }
  })
  return paces.flatMap((a, at) =>
    paces.slice(at + 1).flatMap((b) => {
      const sides = [labelled(a.own, b.at), labelled(b.own, a.at)]
      return sides.every(enough) ? [paceTest(place, [a.agent, b.agent], sides)] : []
    }),
  )
}

/** Two agents in one checkout: do both write more, or less, in hours when the other works there too? */
export function* paceTests(hours: readonly WorkHour[]): Generator<readonly PatternTest[]> {
  const known = hours.filter(({ agentId, project }) => agentId !== null && project !== null)
  const places = Map.groupBy(known, ({ machineId, project }) => `${machineId}\u0001${project ?? ''}`)
  yield []
  for (const [place, here] of places) yield testsAt(place, here)
}
