/** What is due where: the configured machines and the sources polled on each. Every staleness is judged against it. */
export interface FleetPlan {
  readonly machines: readonly MachinePlan[]
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
}
