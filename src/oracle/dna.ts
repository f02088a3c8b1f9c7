import { type CommitDays, commitsByWorker, type WorkDay } from './dna-commits.ts'
import {
  type Estimate,
  medianEstimate,
  ratioEstimate,
  type Share,
  shareEstimate,
  variationEstimate,
} from './dna-estimate.ts'

/** One hour of one agent with one model in one project. */
export interface WorkHour {
  readonly at: Date
  readonly machineId: string
  /** Null: the session was never joined to an agent. */
  readonly agentId: string | null
  readonly cli: string
  readonly model: string | null
  readonly project: string | null
  readonly turns: number
  readonly contextTokens: number
  readonly cacheReadTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  /** Five-minute slots with at least one message, in hours. */
  readonly activeHours: number
}

export interface AgentError {
  readonly at: Date
  readonly agentId: string
  readonly workingAt: Date | null
}

/** An issue that an agent has or had. */
export interface OwnedBead {
  readonly agentId: string
  readonly type: string
}

export interface SwarmFacts {
  readonly hours: readonly WorkHour[]
  readonly errors: readonly AgentError[]
  readonly commits: readonly CommitDays[]
  readonly beads: readonly OwnedBead[]
}

export const FIGURES = [
  'tokens_per_active_h', 'output_tokens_per_active_h', 'turns_per_active_h', 'commits_per_active_h', 'pace_variation',
  'cache_read_share', 'output_per_context', 'errors_per_active_h', 'recovery_minutes',
] as const // biome-ignore format: one list
export type Figure = (typeof FIGURES)[number]

export interface Affinity extends Estimate {
  readonly of: 'project' | 'bead_type'
  readonly name: string
}

export interface Profile {
  readonly key: string
  readonly kind: 'agent' | 'kind'
  readonly agentId: string | null
  readonly cli: string
  /** Null: several, or not known. */
  readonly model: string | null
  readonly project: string | null
  readonly activeHours: number
  readonly sampledHours: number
  readonly figures: Readonly<Partial<Record<Figure, Estimate>>>
  /** Figures that stay silent, and how many samples there were. */
  readonly tooFew: Readonly<Partial<Record<Figure, number>>>
  /** Active hours by hour of day, UTC. */
  readonly hours: readonly number[]
  readonly affinity: readonly Affinity[]
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Whose work was less than this is not told of. */
const LEAST_ACTIVE_HOURS = 0.5
const AFFINITIES = 5

const joined = (a: WorkHour, b: WorkHour): WorkHour => ({
  ...a,
  turns: a.turns + b.turns,
  contextTokens: a.contextTokens + b.contextTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  totalTokens: a.totalTokens + b.totalTokens,
  activeHours: Math.min(1, a.activeHours + b.activeHours),
})

// An agent that used two models in an hour has one hour of work, not two samples.
const samplesOf = (hours: readonly WorkHour[]): readonly WorkHour[] =>
  [...Map.groupBy(hours, (one) => `${one.at.getTime()}\u0001${one.machineId}\u0001${one.agentId ?? ''}`).values()].map(
    (group) => group.reduce(joined),
  )

const errorShares = (samples: readonly WorkHour[], errors: readonly AgentError[]): readonly Share[] => {
  const counts = new Map<string, number>()
  const slot = (agentId: string | null, ms: number): string => `${agentId ?? ''}\u0001${Math.floor(ms / HOUR_MS)}`
  for (const one of errors) {
    const key = slot(one.agentId, one.at.getTime())
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  // Whose states nobody judges has no errors that are known, which is not none.
  const worked = samples.filter(({ agentId }) => agentId !== null)
  const shares = worked.map((one) => {
    const key = slot(one.agentId, one.at.getTime())
    const part = counts.get(key) ?? 0
    counts.delete(key)
    return { part, whole: one.activeHours }
  })
  // Errors of hours in which no message was written are errors too.
  return [...shares, ...[...counts.values()].map((part) => ({ part, whole: 0 }))]
}

const recoveries = (errors: readonly AgentError[]): readonly number[] =>
  errors.flatMap(({ at, workingAt }) => (workingAt === null ? [] : [(workingAt.getTime() - at.getTime()) / MINUTE_MS]))

const histogram = (samples: readonly WorkHour[]): readonly number[] => {
  const hours = Array.from({ length: 24 }, () => 0)
  for (const one of samples) hours[one.at.getUTCHours()] = (hours[one.at.getUTCHours()] ?? 0) + one.activeHours
  return hours.map((value) => Math.round(value * 100) / 100)
}

const affinityTo = (of: Affinity['of'], names: readonly string[]): readonly Affinity[] =>
  [...Map.groupBy(names, (name) => name)]
    .flatMap(([name, mine]) => {
      const share = shareEstimate(mine.length, names.length)
      return share === null ? [] : [{ of, name, ...share }]
    })
    .toSorted((a, b) => b.value - a.value || a.name.localeCompare(b.name))
    .slice(0, AFFINITIES)

interface Material {
  readonly hours: readonly WorkHour[]
  readonly errors: readonly AgentError[]
  readonly commits: readonly Share[]
  readonly beads: readonly OwnedBead[]
}

const over = (
  samples: readonly WorkHour[],
  part: (one: WorkHour) => number,
  whole: (one: WorkHour) => number,
): Share[] => samples.map((one) => ({ part: part(one), whole: whole(one) }))

const figuresOf = (
  samples: readonly WorkHour[],
  { errors, commits }: Material,
): Pick<Profile, 'figures' | 'tooFew'> => {
  const active = ({ activeHours }: WorkHour): number => activeHours
  const context = ({ contextTokens }: WorkHour): number => contextTokens
  const pace = samples.filter(({ activeHours }) => activeHours > 0).map((one) => one.outputTokens / one.activeHours)
  const recovered = recoveries(errors)
  const asked: Record<Figure, readonly [Estimate | null, number]> = {
    tokens_per_active_h: [ratioEstimate(over(samples, (one) => one.totalTokens, active)), samples.length],
    output_tokens_per_active_h: [ratioEstimate(over(samples, (one) => one.outputTokens, active)), samples.length],
    turns_per_active_h: [ratioEstimate(over(samples, (one) => one.turns, active)), samples.length],
    commits_per_active_h: [ratioEstimate(commits), commits.length],
    pace_variation: [variationEstimate(pace), pace.length],
    cache_read_share: [
      ratioEstimate(
        over(samples, (one) => one.cacheReadTokens, context),
        1,
      ),
      samples.length,
    ],
    output_per_context: [ratioEstimate(over(samples, (one) => one.outputTokens, context)), samples.length],
    errors_per_active_h: [ratioEstimate(errorShares(samples, errors)), samples.length],
    recovery_minutes: [medianEstimate(recovered), recovered.length],
  }
  const figures: Partial<Record<Figure, Estimate>> = {}
  const tooFew: Partial<Record<Figure, number>> = {}
  for (const name of FIGURES) {
    const [said, n] = asked[name]
    if (said === null) tooFew[name] = n
    else figures[name] = said
  }
  return { figures, tooFew }
}

const only = (values: readonly (string | null)[]): string | null => {
  const [first, ...more] = new Set(values)
  return more.length === 0 ? (first ?? null) : null
}

const profileOf = (id: Pick<Profile, 'key' | 'kind' | 'agentId'>, material: Material): Profile | null => {
  const samples = samplesOf(material.hours)
  const activeHours = samples.reduce((sum, one) => sum + one.activeHours, 0)
  const [first] = material.hours
  if (first === undefined || activeHours < LEAST_ACTIVE_HOURS) return null
  const projects = material.hours.flatMap(({ project }) => (project === null ? [] : [project]))
  return {
    ...id,
    cli: first.cli,
    model: only(material.hours.map(({ model }) => model)),
    project: only(material.hours.map(({ project }) => project)),
    activeHours,
    sampledHours: samples.length,
    ...figuresOf(samples, material),
    hours: histogram(samples),
    affinity: [
      ...(id.kind === 'agent' ? affinityTo('project', projects) : []),
      ...affinityTo(
        'bead_type',
        material.beads.map(({ type }) => type),
      ),
    ],
  }
}

const workDays = (hours: readonly WorkHour[], who: (one: WorkHour) => string): readonly WorkDay[] =>
  hours.flatMap((one) =>
    one.project === null
      ? []
      : [
          {
            who: who(one),
            machineId: one.machineId,
            project: one.project,
            day: one.at.toISOString().slice(0, 10),
            activeHours: one.activeHours,
          },
        ],
  )

const agentName = (one: WorkHour): string =>
  one.agentId === null ? `?${one.machineId} ${one.cli}` : `agent:${one.agentId}`
const kindName = (one: WorkHour): string => `kind:${one.cli} ${one.model ?? '?'} ${one.project ?? '?'}`

const kindErrors = (
  mine: readonly WorkHour[],
  errorsOf: ReadonlyMap<string, readonly AgentError[]>,
): readonly AgentError[] =>
  [...Map.groupBy(mine, ({ agentId }) => agentId ?? '')].flatMap(([agentId, hours]) => {
    const at = new Set(hours.map((one) => one.at.getTime()))
    return (errorsOf.get(agentId) ?? []).filter((one) => at.has(Math.floor(one.at.getTime() / HOUR_MS) * HOUR_MS))
  })

/**
 * Profiles of every agent, and of every kind of agent (CLI, model, project) that worked, a little at each turn: `null` is one
 * with too little work to tell of, `undefined` a turn without a profile.
 */
export function* profiles({ hours, errors, commits, beads }: SwarmFacts): Generator<Profile | null | undefined> {
  const errorsOf = Map.groupBy(errors, ({ agentId }) => agentId)
  const beadsOf = Map.groupBy(beads, ({ agentId }) => agentId)
  const names = new Set(commits.flatMap(({ path }) => [path, path.slice(path.lastIndexOf('/') + 1)]))
  const committed = hours.filter(({ project }) => project !== null && names.has(project))
  const byAgent = commitsByWorker(workDays(committed, agentName), commits)
  yield undefined
  const byKind = commitsByWorker(workDays(committed, kindName), commits)
  yield undefined
  const known = hours.filter(({ agentId }) => agentId !== null)
  for (const [agentId, mine] of Map.groupBy(known, (one) => one.agentId ?? '')) {
    const key = `agent:${agentId}`
    const material = { hours: mine, errors: errorsOf.get(agentId) ?? [], commits: byAgent.get(key) ?? [] }
    yield profileOf({ key, kind: 'agent', agentId }, { ...material, beads: beadsOf.get(agentId) ?? [] })
  }
  const kinds = Map.groupBy(hours, kindName)
  yield undefined
  for (const [key, mine] of kinds) {
    const material = { hours: mine, errors: kindErrors(mine, errorsOf), commits: byKind.get(key) ?? [], beads: [] }
    yield profileOf({ key, kind: 'kind', agentId: null }, material)
  }
}
