import type { WorkHour } from './dna.ts'
import type { PatternTest } from './patterns-test.ts'

const DAY_MS = 86_400_000
const LEAST_DAYS = 10

type Mix = ReadonlyMap<string, number>

const dayMixes = (hours: readonly WorkHour[]): readonly Mix[] =>
  [...Map.groupBy(hours, ({ at }) => Math.floor(at.getTime() / DAY_MS))]
    .toSorted(([a], [b]) => a - b)
    .map(([, mine]) => {
      const mix = new Map<string, number>()
      for (const one of mine)
        if (one.project !== null) mix.set(one.project, (mix.get(one.project) ?? 0) + one.activeHours)
      return mix
    })

const sharesOf = (days: readonly Mix[]): Mix => {
  const sum = new Map<string, number>()
  let all = 0
  for (const day of days)
    for (const [name, hours] of day) {
      sum.set(name, (sum.get(name) ?? 0) + hours)
      all += hours
    }
  return new Map([...sum].map(([name, hours]) => [name, hours / all]))
}

/** Half of what must move from one mix to become the other: 0 the same, 1 nothing in common. */
const distance = (a: Mix, b: Mix): number => {
  let sum = 0
  for (const name of new Set([...a.keys(), ...b.keys()])) sum += Math.abs((a.get(name) ?? 0) - (b.get(name) ?? 0))
  return sum / 2
}

const halves = (days: readonly Mix[]): number => {
  const half = Math.floor(days.length / 2)
  return distance(sharesOf(days.slice(0, half)), sharesOf(days.slice(half)))
}

const shuffled = (days: readonly Mix[], random: () => number): readonly Mix[] => {
  const order = [...days]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const [a, b] = [order[at], order[other]]
    if (a !== undefined && b !== undefined) [order[at], order[other]] = [b, a]
  }
  return order
}

const mostMoved = (days: readonly Mix[]): { readonly name: string; readonly from: number; readonly to: number } => {
  const half = Math.floor(days.length / 2)
  const [before, after] = [sharesOf(days.slice(0, half)), sharesOf(days.slice(half))]
  const [name = ''] = [...new Set([...before.keys(), ...after.keys()])].toSorted(
    (a, b) =>
      Math.abs((after.get(b) ?? 0) - (before.get(b) ?? 0)) - Math.abs((after.get(a) ?? 0) - (before.get(a) ?? 0)),
  )
  return { name, from: before.get(name) ?? 0, to: after.get(name) ?? 0 }
}

const driftTest = (agent: string, mine: readonly WorkHour[]): readonly PatternTest[] => {
  const days = dayMixes(mine)
  const projects = new Set(mine.map(({ project }) => project))
  if (days.length < LEAST_DAYS || projects.size < 2) return []
  const seen = halves(days)
  const { name, from, to } = mostMoved(days)
  return [
    {
      key: ['drift', agent].join('\u0001'),
      kind: 'drift',
      agents: [agent],
      project: name,
      n: days.length,
      effect: seen,
      seen,
      chance: (random) => halves(shuffled(days, random)),
      evidence: { days: days.length, projects: projects.size, share_before: from, share_after: to },
    },
  ]
}

/** Does an agent work on other projects than before? Days change places; hours of a day stay together. */
export function* driftTests(hours: readonly WorkHour[]): Generator<readonly PatternTest[]> {
  const known = hours.filter(({ agentId, project }) => agentId !== null && project !== null)
  const agents = Map.groupBy(known, ({ agentId }) => agentId ?? '')
  yield []
  for (const [agent, mine] of agents) yield driftTest(agent, mine)
}
