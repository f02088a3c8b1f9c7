import type { ModelTier, RoleName, TaskPriority } from './agent-role.ts'

/** When an agent that ended unasked is started again. */
export const RESTART_POLICIES = ['never', 'on_failure', 'always'] as const
export type RestartPolicy = (typeof RESTART_POLICIES)[number]

/** What its owner wants of an agent. */
export const WANTED = ['run', 'paused', 'stop', 'forgotten'] as const
export type Wanted = (typeof WANTED)[number]

export const MANAGED_STATUSES = [
  'queued',
  'starting',
  'running',
  'crashed',
  'backing_off',
  'held',
  'crash_loop',
  'lost',
  'stopped',
  'forgotten',
  'refused',
] as const
/** `lost`: the machine was started anew since; waits for a decision. `held`: would be restarted, but something forbids it now. */
export type ManagedStatus = (typeof MANAGED_STATUSES)[number]

/** Statuses that take a place of the machine's pool. */
export const TAKES_PLACE: ReadonlySet<string> = new Set(['starting', 'running', 'crashed', 'backing_off', 'held'])

export const ENGINE_EVENT_TYPES = [
  'spawn',
  'crash',
  'restart',
  'health',
  'task_start',
  'task_complete',
  'readopt',
  'stop',
  'lost',
  'recover',
  'hold',
  'give_up',
  'queue',
  'pause',
  'unpause',
] as const
export type EngineEventType = (typeof ENGINE_EVENT_TYPES)[number]

/** One thing that happened to an agent that vc keeps. */
export interface EngineEvent {
  readonly eventId: string
  readonly ts: Date
  readonly type: EngineEventType
  readonly machineId: string
  readonly agentId: string
  readonly detail: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** What a person asks for when an agent shall be started. Texts of prompts are not kept: a role's, or a file's path. */
export interface SpawnWish {
  readonly machineId: string
  readonly cli: string
  readonly role: RoleName
  readonly label: string | null
  readonly tier: ModelTier
  readonly tierReason: string
  readonly model: string | null
  readonly cwd: string
  readonly isolation: 'shared' | 'worktree'
  /** File on the machine with words for the agent beside its role; null: the role's own. */
  readonly promptFile: string | null
  /** Arguments for the `generic` CLI, or more ones behind the adapter's. */
  readonly args: readonly string[]
  readonly restartPolicy: RestartPolicy
  readonly priority: TaskPriority
  readonly schedule: StandingSchedule | null
}

/** A standing agent gets this mission again and again. */
export interface StandingSchedule {
  /** Five fields, UTC. */
  readonly cron: string
  readonly title: string
  /** Body of the mission, as missions keep it. */
  readonly body: string
}
