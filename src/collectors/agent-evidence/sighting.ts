import type { AgentState, Sighting, Tier } from '../../core/agent.ts'

interface Draft {
  readonly tier: Tier
  readonly source: string
  readonly says: AgentState
  /** Rule name without version, below the source: `idle` becomes `claude.registry.idle@2.1`. */
  readonly rule: string
  readonly version: string
  readonly asOf: Date
  readonly seenAt?: Date
  readonly since?: Date | null
  readonly until?: Date | null
  readonly reason?: string | null
}

/** Fills the silent members; the rule id always starts with its source. */
export const sighting = (draft: Draft): Sighting => ({
  tier: draft.tier,
  source: draft.source,
  says: draft.says,
  rule: `${draft.source}.${draft.rule}@${draft.version}`,
  asOf: draft.asOf,
  ...(draft.seenAt === undefined ? {} : { seenAt: draft.seenAt }),
  since: draft.since ?? null,
  until: draft.until ?? null,
  reason: draft.reason ?? null,
})
