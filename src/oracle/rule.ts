export const SEVERITIES = ['critical', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a rule found: who, how bad, in one sentence, with the numbers behind it. */
export interface Finding {
  readonly machineId: string | null
  readonly subject: string
  readonly severity: Severity
  readonly title: string
  readonly evidence: Readonly<Record<string, unknown>>
  /** Must stand longer, or shorter, than other findings of its rule before it fires. */
  readonly holdMs?: number
}

/** Whether an alert about this subject fires already: a rule may let go later than it took hold. */
export type Standing = (subject: string) => boolean

/** A rule is a small pure judge. Pending, firing, resolved and the hold times belong to the evaluator. */
export interface Rule<Picture> {
  readonly id: string
  readonly about: string
  /** How long a finding must stand before it fires. */
  readonly holdMs: number
  /** How long it must be gone before it is resolved. */
  readonly clearMs: number
  /** Findings; none: looked, and all is well; null: cannot be known now, so that what stands neither ends nor grows. */
  judge(picture: Picture, stands: Standing): readonly Finding[] | null
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 }

/** Negative when `a` is worse. */
export const bySeverity = (a: Severity, b: Severity): number => RANK[a] - RANK[b]
