/** What is due where: the configured machines and the sources polled on each. Every staleness is judged against it. */
export interface FleetPlan {
  readonly machines: readonly MachinePlan[]
  /** What the owner wants to spend at most; absent or null: no limit was set. */
  readonly budgets?: { readonly dayMicrousd: number | null; readonly monthMicrousd: number | null }
  /** Ids of the owner's own alert rules. */
  readonly ownRules?: readonly string[]
}

export interface MachinePlan {
  readonly machineId: string
  readonly local: boolean
  readonly enabled: boolean
  readonly sources: readonly SourcePlan[]
  /** Words to choose it by; absent: not known here. */
  readonly tags?: readonly string[]
  /** Agents of vc there at once; absent: not known here. */
  readonly maxAgents?: number
}

export interface SourcePlan {
  readonly source: string
  /** Seconds between looks, as they are taken now. */
  readonly intervalS: number
  /** Set where looks are taken less often while nothing changes. */
  readonly stretch?: Stretch
  /** Tools it needs there, any of each inner list. */
  readonly needs?: readonly (readonly string[])[]
  /** Newest version of each tool that its reader was tried with. */
  readonly tested?: Readonly<Record<string, string>>
}

/** How far the interval of a source is stretched, because it keeps showing the same. */
export interface Stretch {
  /** Times the configured interval. */
  readonly factor: number
  /** Epoch ms since when. */
  readonly sinceMs: number
  /** Seconds between looks when it is stretched most. */
  readonly slowestS: number
}

/** The interval that lateness at some moment is judged by: before the present stretch began, the longest it can have been. */
export const intervalAt = ({ intervalS, stretch }: SourcePlan, at: Date): number =>
  stretch !== undefined && at.getTime() < stretch.sinceMs ? stretch.slowestS : intervalS
