import type { ModelTier, RoleName } from '../../core/agent-role.ts'
import type { Reader } from '../../core/carrier.ts'
import { type Candidate, distribute, type Scored, type TaskWish } from '../../oracle/distribute.ts'

interface EngineAnswer {
  readonly agents: readonly {
    readonly agent: string
    readonly machine: string
    readonly role: string
    readonly tier: string
    readonly cwd: string
    readonly status: string
    readonly wanted: string
    readonly health: { readonly alive: boolean | null; readonly state: string }
  }[]
}

interface MissionsAnswer {
  readonly missions: readonly {
    readonly status: string
    readonly claimed_by: string | null
    readonly finished_by: string | null
  }[]
}

const MOST_MISSIONS = 1_000
const RUNS: ReadonlySet<string> = new Set(['starting', 'running'])

/** Who of the agents vc keeps should do a task, best first, with scores and reasons; nothing is handed out by asking. */
export const rankAgents = async (reader: Reader, task: TaskWish): Promise<readonly Scored[]> => {
  const [engine, missions] = await Promise.all([
    reader.ask({ topic: 'engine', params: {} }),
    reader.ask({ topic: 'missions', params: { all: true, limit: MOST_MISSIONS } }),
  ])
  const { agents } = engine.data as EngineAnswer
  const known = (missions.data as MissionsAnswer).missions
  const count = (status: string, who: 'claimed_by' | 'finished_by', agent: string): number =>
    known.filter((mission) => mission.status === status && mission[who] === agent).length
  const candidates = agents.map(
    (agent): Candidate => ({
      agentId: agent.agent,
      machineId: agent.machine,
      role: agent.role as RoleName,
      tier: agent.tier as ModelTier,
      cwd: agent.cwd,
      state: agent.health.state,
      paused: agent.wanted === 'paused',
      alive: RUNS.has(agent.status) ? agent.health.alive : false,
      busyWith: count('claimed', 'claimed_by', agent.agent),
      completed: count('done', 'finished_by', agent.agent),
      failed: count('failed', 'finished_by', agent.agent),
      contextUsedPct: null,
    }),
  )
  return distribute(task, candidates)
}
