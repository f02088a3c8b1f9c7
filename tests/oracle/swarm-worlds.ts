import type { AgentError, WorkHour } from '../../src/oracle/dna.ts'
import { seededRandom } from '../../src/oracle/patterns-random.ts'

export const DAY_MS = 86_400_000
export const HOUR_MS = 3_600_000
export const START = Date.parse('2026-11-02T00:00:00Z')

export const hour = (over: Partial<WorkHour> & { readonly at: Date }): WorkHour => ({
  machineId: 'atlas', agentId: 'atlas/claude-a', cli: 'claude', model: 'm', project: '/src/ledger', turns: 10, contextTokens: 10_000,
  cacheReadTokens: 8_000, outputTokens: 1_000, totalTokens: 11_000, activeHours: 0.5, ...over,
}) // biome-ignore format: a row

interface World {
  readonly hours: readonly WorkHour[]
  readonly errors: readonly AgentError[]
}

interface Shape {
  readonly agents: number
  readonly days: number
  /** Factor on what an agent writes in an hour with others in its project. */
  readonly together?: number
  /** Share of errors of agent 0 that agent 1 has a few minutes later too. */
  readonly follows?: number
  /** The agents change their project at this day. */
  readonly turnsAt?: number
}

/** Agents that know nothing of one another: working days, bad days, long tails, a rhythm of the day, errors by chance. */
export const swarmWorld = (seed: number, shape: Shape): World => {
  const random = seededRandom(seed)
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const names = Array.from({ length: shape.agents }, (_, at) => `atlas/claude-${at}`)
  const slots: { agent: number; at: number; project: string; pace: number }[] = []
  const errors: AgentError[] = []
  const fail = (agent: number, ms: number): void => {
    const workingAt = new Date(ms + (1 + 20 * random()) * 60_000)
    errors.push({ at: new Date(ms), agentId: names[agent] ?? '', workingAt })
  }
  for (let day = 0; day < shape.days; day++) {
    // The fleet has good and bad days together.
    const mood = normal() * 0.5
    for (const agent of names.keys()) {
      const own = normal() * 0.4
      const begins = 7 + Math.floor(random() * 4)
      const lasts = 5 + Math.floor(random() * 6)
      const fixed = shape.turnsAt !== undefined && agent === 0 ? (day < shape.turnsAt ? 0 : 1) : null
      const project = `/src/p${fixed ?? Math.floor(random() * 2)}`
      for (let at = begins; at < begins + lasts; at++) {
        if (random() < 0.25) continue
        const ms = START + day * DAY_MS + at * HOUR_MS
        slots.push({ agent, at: ms, project, pace: mood + own + Math.sin(at / 4) * 0.5 + normal() * 0.6 })
        if (random() < 0.15) {
          const failedAt = ms + random() * HOUR_MS
          fail(agent, failedAt)
          if (agent === 0 && random() < (shape.follows ?? 0)) fail(1, failedAt + (1 + 4 * random()) * 60_000)
        }
      }
    }
  }
  const crowd = Map.groupBy(slots, ({ at, project }) => `${at} ${project}`)
  const hours = slots.map(({ agent, at, project, pace }) => {
    const shared = (crowd.get(`${at} ${project}`)?.length ?? 0) > 1
    const outputTokens = Math.round(2000 * Math.exp(pace) * (shared ? (shape.together ?? 1) : 1))
    return hour({
      at: new Date(at),
      agentId: names[agent] ?? '',
      project,
      outputTokens,
      activeHours: (3 + Math.floor(random() * 9)) / 12,
    })
  })
  return { hours, errors }
}

/** Runs a generator to its end. */
export const toEnd = <Result>(steps: Generator<unknown, Result>): Result => {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value as Result
  }
}
