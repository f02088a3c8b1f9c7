import { seededRandom, seedOf } from './patterns-random.ts'

/** A question chance could answer: how large is what was seen, against what chance makes of the same rows. */
export interface PatternTest {
  readonly key: string
  readonly kind: 'pace' | 'cascade' | 'drift'
  readonly agents: readonly string[]
  readonly project: string | null
  /** Samples it rests on. */
  readonly n: number
  /** What was seen. Larger is more unlikely; a difference in either direction is `size` of both signs. */
  readonly seen: number
  /** The same statistic of one world in which nothing is behind it. */
  chance(random: () => number): number
  /** Its sign and unit, for words. */
  readonly effect: number
  readonly evidence: Readonly<Record<string, number | string>>
}

export interface TestedPattern {
  readonly test: PatternTest
  readonly p: number
  readonly pAdjusted: number
}

/** A look may be wrong in any one of its patterns this often. */
export const ALPHA = 0.05
/** Worlds that outdid what was seen before a test is given up as chance (Besag and Clifford). */
const ENOUGH_ABOVE = 20
const LEAST_WORLDS = 1999

/** So many worlds that the smallest p a test can reach outlasts the correction for all tests. */
const worldsFor = (tests: number): number => Math.max(LEAST_WORLDS, Math.ceil((2 * tests) / ALPHA))

const TINY = 1e-12

/** A turn takes so many worlds at most. */
const WORLDS_AT_ONCE = 500

function* pOf(test: PatternTest, worlds: number): Generator<void, number> {
  const random = seededRandom(seedOf(test.key))
  let above = 0
  for (let world = 1; world <= worlds; world++) {
    if (test.chance(random) >= test.seen - TINY) above++
    if (above === ENOUGH_ABOVE) return above / world
    if (world % WORLDS_AT_ONCE === 0) yield
  }
  return (above + 1) / (worlds + 1)
}

/** Holm's correction: the chance of even one false pattern among all of them stays below `ALPHA`. */
export const holm = (values: readonly number[]): readonly number[] => {
  const order = values.map((p, at) => ({ p, at })).toSorted((a, b) => a.p - b.p)
  const adjusted = values.map(() => 1)
  let highest = 0
  for (const [rank, { p, at }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (values.length - rank)))
    adjusted[at] = highest
  }
  return adjusted
}

/** Tests one after the other, each a turn; returns what chance does not explain. */
export function* carried(tests: readonly PatternTest[]): Generator<void, readonly TestedPattern[]> {
  const worlds = worldsFor(tests.length)
  const values: number[] = []
  for (const test of tests) {
    values.push(yield* pOf(test, worlds))
    yield
  }
  const adjusted = holm(values)
  return tests
    .map((test, at) => ({ test, p: values[at] ?? 1, pAdjusted: adjusted[at] ?? 1 }))
    .filter(({ pAdjusted }) => pAdjusted < ALPHA)
    .toSorted((a, b) => a.pAdjusted - b.pAdjusted || a.test.key.localeCompare(b.test.key))
}
