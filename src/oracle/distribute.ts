import {
  AGENT_ROLES,
  type ModelTier,
  type RoleName,
  type TaskPriority,
  type TaskType,
  tierForTask,
} from '../core/agent-role.ts'

/** A task that looks for somebody to do it. */
export interface TaskWish {
  readonly type: TaskType
  readonly priority: TaskPriority
  /** Only agents of this role; null: any. */
  readonly role: RoleName | null
  readonly machineId: string | null
  /** Preferred folder; null: none. */
  readonly cwd: string | null
}

/** An agent that might do it, as last judged. */
export interface Candidate {
  readonly agentId: string
  readonly machineId: string
  readonly role: RoleName
  readonly tier: ModelTier
  readonly cwd: string | null
  readonly state: string
  readonly alive: boolean | null
  /** A person wants nothing handed to it. */
  readonly paused: boolean
  /** Missions claimed and not ended. */
  readonly busyWith: number
  readonly completed: number
  readonly failed: number
  readonly contextUsedPct: number | null
}

export interface ScorePart {
  readonly what: string
  /** Signed; the sum of all parts is the score. */
  readonly points: number
}

export interface Scored {
  readonly agentId: string
  readonly machineId: string
  readonly score: number
  readonly parts: readonly ScorePart[]
  /** Null: it may be chosen. Else why not. */
  readonly excluded: string | null
}

const FREE: ReadonlySet<string> = new Set(['idle', 'turn_finished'])
const NOT_NOW: ReadonlySet<string> = new Set([
  'needs_approval',
  'asked_question',
  'rate_limited',
  'failed',
  'stalled',
  'dead',
])
const STRENGTH: Readonly<Record<ModelTier, number>> = { haiku: 0, sonnet: 1, opus: 2 }

const exclusion = (agent: Candidate, task: TaskWish): string | null => {
  if (agent.paused) return 'a person paused it'
  if (agent.alive === false) return 'its process is gone'
  if (task.machineId !== null && agent.machineId !== task.machineId) return `it runs on ${agent.machineId}`
  if (task.role !== null && agent.role !== task.role) return `its role is ${agent.role}`
  return NOT_NOW.has(agent.state) ? `it is ${agent.state}` : null
}

const tierPart = (agent: Candidate, task: TaskWish): ScorePart => {
  const wanted = tierForTask(task).tier
  const over = STRENGTH[agent.tier] - STRENGTH[wanted]
  if (over === 0) return { what: `tier ${agent.tier} fits`, points: 20 }
  return over > 0
    ? { what: `tier ${agent.tier} is more than ${wanted} asks`, points: 20 - 8 * over }
    : { what: `tier ${agent.tier} is less than ${wanted} asks`, points: -15 * -over }
}

const rolePart = (agent: Candidate, task: TaskWish): ScorePart => {
  const tasks: readonly TaskType[] = AGENT_ROLES[agent.role].tasks
  if (tasks.includes(task.type)) return { what: `${agent.role} is made for ${task.type}`, points: 40 }
  if (agent.role === 'generalist') return { what: 'a generalist does any task', points: 15 }
  return { what: `${agent.role} is not made for ${task.type}`, points: 0 }
}

const statePart = ({ state }: Candidate): ScorePart => {
  if (FREE.has(state)) return { what: `it is ${state}`, points: 20 }
  return state === 'working' ? { what: 'it is working', points: -10 } : { what: `its state is ${state}`, points: 0 }
}

/** Wilson-like caution without its formula: two imagined attempts, one of them good. */
const recordPart = ({ completed, failed }: Candidate): ScorePart => {
  const share = (completed + 1) / (completed + failed + 2)
  return { what: `${completed} done, ${failed} failed`, points: Math.round((share - 0.5) * 20) }
}

const partsOf = (agent: Candidate, task: TaskWish): readonly ScorePart[] => {
  const parts = [rolePart(agent, task), tierPart(agent, task), statePart(agent), recordPart(agent)]
  if (agent.busyWith > 0) parts.push({ what: `${agent.busyWith} mission(s) in hand`, points: -25 * agent.busyWith })
  if (task.cwd !== null && agent.cwd === task.cwd) parts.push({ what: 'works in that folder', points: 15 })
  if (agent.contextUsedPct !== null && agent.contextUsedPct >= 70)
    parts.push({ what: `context ${Math.round(agent.contextUsedPct)} % full`, points: -10 })
  return parts
}

/**
 * Every candidate with its score and what it is made of, best first; those that may not be chosen come last with the reason.
 * Pure; equal scores are ordered by id, so that the same rows give the same answer.
 */
export const distribute = (task: TaskWish, candidates: readonly Candidate[]): readonly Scored[] =>
  candidates
    .map((agent) => {
      const parts = partsOf(agent, task)
      const score = parts.reduce((sum, part) => sum + part.points, 0)
      return { agentId: agent.agentId, machineId: agent.machineId, score, parts, excluded: exclusion(agent, task) }
    })
    .toSorted(
      (a, b) =>
        Number(a.excluded !== null) - Number(b.excluded !== null) ||
        b.score - a.score ||
        a.agentId.localeCompare(b.agentId),
    )
