import { TASK_PRIORITIES, type TaskPriority } from '../agent-role.ts'

/** Lanes in the order in which they are served. */
export const LANES = ['critical', 'standard', 'experimental'] as const
export type Lane = (typeof LANES)[number]

/** Within a lane, the most urgent first. */
export const PRIORITIES = TASK_PRIORITIES
export type Priority = TaskPriority

/** `claimed` is held by somebody as long as the lease lasts; the last three are ends. */
export const MISSION_STATUSES = ['pending', 'claimed', 'done', 'failed', 'cancelled'] as const
export type MissionStatus = (typeof MISSION_STATUSES)[number]

/** One attempt as it runs, or the last one that ran. */
export interface Claim {
  readonly claimId: string
  readonly by: string
  readonly atMs: number
  /** Without a heartbeat it is given to somebody else after this. */
  readonly leaseUntilMs: number
  readonly heartbeatAtMs: number
}

export interface Failure {
  readonly code: string
  readonly message: string | null
}

/** Sums over all attempts; null: nobody ever reported it. */
export interface MissionUsage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costMicrousd: number | null
}

/** A piece of work that vc hands out. Its texts are kept apart. Times are epoch milliseconds. */
export interface Mission {
  readonly missionId: string
  readonly seq: number
  readonly title: string
  readonly type: string
  readonly lane: Lane
  readonly priority: Priority
  readonly status: MissionStatus
  /** What it tells of (vc event emit); null: work. */
  readonly eventType: string | null
  readonly toAgent: string | null
  readonly toRole: string | null
  readonly machineId: string | null
  readonly convoyId: string | null
  readonly dependsOn: readonly string[]
  readonly bead: { readonly id: string; readonly project: string } | null
  readonly idemKey: string | null
  readonly timeoutMs: number | null
  readonly leaseMs: number
  readonly maxRetries: number
  readonly attempts: number
  readonly attemptsAllowed: number
  readonly notBeforeMs: number | null
  readonly createdAtMs: number
  readonly createdBy: string
  readonly claim: Claim | null
  readonly finishedAtMs: number | null
  readonly finishedBy: string | null
  readonly failure: Failure | null
  readonly usage: MissionUsage
  /** Null: no attempt has been reported yet. */
  readonly workMs: number | null
}

export const isEnded = ({ status }: Pick<Mission, 'status'>): boolean => status !== 'pending' && status !== 'claimed'

/** What somebody who wants work says of themselves. */
export interface Claimant {
  /** Agent id, or any name that reports later. */
  readonly name: string
  readonly role: string | null
  /** Only missions of these; null: of any. */
  readonly types: readonly string[] | null
  readonly lanes: readonly Lane[] | null
  /** Only these kinds of events, all events, or none: work. */
  readonly events: readonly string[] | 'all' | 'none' | 'any'
  readonly machineId: string | null
  /** Exactly this mission. */
  readonly missionId: string | null
}
