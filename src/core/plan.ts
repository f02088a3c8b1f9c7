/** What is due where: the configured machines and the sources polled on each. Every staleness is judged against it. */
export interface FleetPlan {
  readonly machines: readonly MachinePlan[]
  /** What the owner wants to spend at most; absent or null: no limit was set. */
  readonly budgets?: { readonly dayMicrousd: number | null; readonly monthMicrousd: number | null }
}

export interface MachinePlan {
  readonly machineId: string
  readonly local: boolean
  readonly enabled: boolean
  readonly sources: readonly SourcePlan[]
}

export interface SourcePlan {
  readonly source: string
  readonly intervalS: number
  /** Tools it needs there, any of each inner list. */
  readonly needs?: readonly (readonly string[])[]
  /** Newest version of each tool that its reader was tried with. */
  readonly tested?: Readonly<Record<string, string>>
}
