export const SEVERITIES = ['critical', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What a rule found: who, how bad, in one sentence, with the numbers behind it. */
export interface Finding {
  readonly machineId: string | null
  readonly subject: string
  readonly severity: Severity
  readonly title: string
  readonly evidence: Readonly<Record<string, unknown>>
}

/** A rule is a small pure judge. Pending, firing, resolved and the hold times belong to the evaluator. */
export interface Rule<Picture> {
  readonly id: string
  readonly about: string
  /** How long a finding must stand before it fires. */
  readonly holdMs: number
  /** How long it must be gone before it is resolved. */
  readonly clearMs: number
  judge(picture: Picture): readonly Finding[]
}
