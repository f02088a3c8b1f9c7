/** One observation of one window, the normal form of accounts: one JSON object a line where it is given as a file. */
export interface UsageObservation {
  readonly machine: string
  readonly provider: string
  readonly account_key: string
  readonly account_label: string | null
  readonly limit_id: string
  /** `5h` · `7d` · `7d:<model>` · `day:<model>` · `<n>m` · `unknown`. */
  readonly window: string
  /** 0-100, unclamped; null: unknown. */
  readonly used_pct: number | null
  readonly resets_at: Date | null
  /** The source's own time. */
  readonly observed_at: Date
  readonly source: string
  /** Lower is more direct. */
  readonly source_rank: number
  readonly plan: string | null
  readonly credits: string | null
  readonly status: string | null
}

/** A moment and what was used by then, in percent of the window. */
export interface UsagePoint {
  readonly ms: number
  readonly pct: number
}

/** One window from its start to its reset. `resetsMs` null: the source never said. */
export interface WindowRun {
  readonly resetsMs: number | null
  readonly points: readonly UsagePoint[]
}
