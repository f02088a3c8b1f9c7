import type { AgentError, WorkHour } from './dna.ts'
import type { PatternTest } from './patterns-test.ts'

const HOUR_MS = 3_600_000
const FOLLOWS_MIN = 10
const LEAST_ERRORS = 6
const LEAST_HOURS = 24
const MOST_PAIRS = 600
/** Errors of one agent so close together are one trouble, told several times. */
const ONE_TROUBLE_MIN = 10

interface Troubled {
  readonly agent: string
  readonly machines: ReadonlySet<string>
  readonly projects: ReadonlySet<string>
  readonly hours: ReadonlySet<number>
  /** Minutes since the epoch, ascending. */
  readonly errors: readonly number[]
}

const onceEach = (minutes: readonly number[]): readonly number[] => {
  const kept: number[] = []
  for (const at of minutes.toSorted((a, b) => a - b))
    if (at - (kept.at(-1) ?? -Infinity) > ONE_TROUBLE_MIN) kept.push(at)
  return kept
}

const troubled = (hours: readonly WorkHour[], errors: readonly AgentError[]): readonly Troubled[] => {
  const worked = Map.groupBy(hours, ({ agentId }) => agentId ?? '')
  return [...Map.groupBy(errors, ({ agentId }) => agentId)].flatMap(([agent, mine]) => {
    if (mine.length < LEAST_ERRORS) return []
    const own = worked.get(agent) ?? []
    const active = new Set(own.map(({ at }) => Math.floor(at.getTime() / HOUR_MS)))
    const machines = new Set(own.map(({ machineId }) => machineId))
    const projects = new Set(own.flatMap(({ project }) => (project === null ? [] : [project])))
    return [{ agent, machines, projects, hours: active, errors: onceEach(mine.map(({ at }) => at.getTime() / 60_000)) }]
  })
}

/** Minutes on a clock that runs only while both work: else the nights alone would make their errors meet. */
const onJointClock = (errors: readonly number[], joint: ReadonlyMap<number, number>): readonly number[] =>
  errors.flatMap((minute) => {
    const at = joint.get(Math.floor(minute / 60))
    return at === undefined ? [] : [at * 60 + (minute % 60)]
  })

const countFollowed = (first: readonly number[], second: readonly number[], shift: number, length: number): number => {
  let count = 0
  for (const at of first)
    if (second.some((other) => (((other + shift - at) % length) + length) % length <= FOLLOWS_MIN)) count++
  return count
}

const cascadeTest = (a: Troubled, b: Troubled): PatternTest | null => {
  const both = [...a.hours].filter((hour) => b.hours.has(hour)).sort((x, y) => x - y)
  if (both.length < LEAST_HOURS) return null
  const joint = new Map(both.map((hour, at) => [hour, at]))
  const [first, second] = [onJointClock(a.errors, joint), onJointClock(b.errors, joint)]
  if (first.length < LEAST_ERRORS || second.length < LEAST_ERRORS) return null
  const length = both.length * 60
  const seen = countFollowed(first, second, 0, length)
  return {
    key: ['cascade', a.agent, b.agent].join('\u0001'),
    kind: 'cascade',
    agents: [a.agent, b.agent],
    project: null,
    n: first.length,
    effect: seen / first.length,
    seen,
    // The errors of the second keep their distances and begin somewhere else.
    chance: (random) => countFollowed(first, second, random() * length, length),
    evidence: { followed: seen, errors_first: first.length, errors_second: second.length, hours_both: both.length },
  }
}

/** Who has neither machine nor project in common has no way to hand on an error. */
const meet = (a: Troubled, b: Troubled): boolean =>
  !a.machines.isDisjointFrom(b.machines) || !a.projects.isDisjointFrom(b.projects)

/** Pairs with most errors, whenever these came: choosing by when would make chance look like a pattern. */
const pairsOf = (all: readonly Troubled[]): readonly (readonly [Troubled, Troubled])[] => {
  const sorted = all.toSorted((a, b) => b.errors.length - a.errors.length || a.agent.localeCompare(b.agent))
  const pairs: (readonly [Troubled, Troubled])[] = []
  for (const [at, fewer] of sorted.entries())
    for (const more of sorted.slice(0, at)) {
      if (pairs.length >= MOST_PAIRS) return pairs
      if (meet(more, fewer)) pairs.push([more, fewer], [fewer, more])
    }
  return pairs
}

/** Do errors of one agent come within minutes after those of another, more often than their numbers alone would make them? */
export function* cascadeTests(
  hours: readonly WorkHour[],
  errors: readonly AgentError[],
): Generator<readonly PatternTest[]> {
  const all = troubled(hours, errors)
  yield []
  const pairs = pairsOf(all)
  yield []
  for (const [a, b] of pairs) {
    const test = cascadeTest(a, b)
    yield test === null ? [] : [test]
  }
}
