import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import type { FleetPlan } from '../core/plan.ts'
import type { SwarmFacts } from '../oracle/dna.ts'
import { readSwarmFacts, SWARM_WINDOW_MS, weighProfiles } from '../queries/dna-facts.ts'
import { lastSwarmLook, type Store } from '../store/index.ts'
import { patternRows, type SwarmLook } from './patterns.ts'

export interface SwarmPorts {
  readonly store: Pick<Store, 'db' | 'write'>
  readonly plan: () => FleetPlan
  readonly now: () => Date
  readonly log: Log
}

export interface Swarm {
  /** One look at profiles and patterns, if the last one is long enough ago. */
  turn(): Promise<void>
  start(): void
  stop(): Promise<void>
}

/** Habits of weeks do not change within the hour. */
const PERIOD_MS = 3_600_000
/** A start has better things to do first; also after a restart the hour is counted from the last look. */
const ASK_MS = 5 * 60_000

/** Profiles of agents, as rows. */
const profileRows = async (facts: SwarmFacts, since: Date): Promise<SwarmLook> => {
  const { weighed, profiles } = await weighProfiles(facts)
  return {
    tests: weighed,
    table: 'agent_profiles',
    rows: profiles.map((one) => ({
      profile_key: one.key,
      kind: one.kind,
      agent_id: one.agentId,
      cli: one.cli,
      model: one.model,
      project: one.project,
      since_at: since,
      active_hours: one.activeHours,
      sampled_hours: one.sampledHours,
      figures_json: JSON.stringify(one.figures),
      too_few_json: JSON.stringify(one.tooFew),
      hours_json: JSON.stringify(one.hours),
      affinity_json: JSON.stringify(one.affinity),
      gone: false,
    })),
  }
}

const LOOKS = [
  { kind: 'dna', take: profileRows },
  { kind: 'patterns', take: patternRows },
] as const

/** How agents work and what they do to one another: hourly, away from the tick, a little at a time. */
export const openSwarm = (ports: SwarmPorts): Swarm => {
  let running: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | null = null
  let stopped = false

  const isDue = async (kind: 'dna' | 'patterns', at: Date): Promise<boolean> => {
    const last = await lastSwarmLook(ports.store.db, { kind, until: at })
    return last === null || at.getTime() - Date.parse(last.looked_at) >= PERIOD_MS
  }

  const look = async (facts: SwarmFacts, { kind, take }: (typeof LOOKS)[number], at: Date): Promise<void> => {
    const began = performance.now()
    const since = new Date(at.getTime() - SWARM_WINDOW_MS)
    const { tests, table, rows } = await take(facts, since)
    if (stopped) return
    const looked = {
      kind,
      looked_at: at,
      since_at: since,
      tests,
      found: rows.length,
      duration_ms: Math.round(performance.now() - began),
    }
    const outcome = await ports.store.write({
      machineId: 'fleet',
      source: `oracle.${kind}`,
      at,
      batches: [
        { table, rows },
        { table: 'swarm_looks', rows: [looked] },
      ],
    })
    if (!outcome.ok) ports.log.error({ [K.detail]: outcome.detail }, 'a look at the swarm was not stored')
  }

  const step = async (): Promise<void> => {
    const at = ports.now()
    const due = (await Promise.all(LOOKS.map(async (one) => ((await isDue(one.kind, at)) ? [one] : [])))).flat()
    if (due.length === 0) return
    const facts = await readSwarmFacts({ db: ports.store.db, now: at, plan: ports.plan() })
    for (const one of due) await look(facts, one, at)
  }

  const turn = (): Promise<void> => {
    running = running.then(() =>
      step().catch((error: unknown) =>
        ports.log.error({ [K.detail]: messageOf(error) }, 'looking at the swarm failed'),
      ),
    )
    return running
  }

  return {
    turn,
    start() {
      timer ??= setInterval(() => void turn(), ASK_MS).unref()
    },
    async stop() {
      stopped = true
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
