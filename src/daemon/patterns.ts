import type { Row } from '../core/rows.ts'
import type { SwarmFacts } from '../oracle/dna.ts'
import { lookForPatterns } from '../queries/dna-facts.ts'

/** What one look found, as rows. */
export interface SwarmLook {
  readonly tests: number
  readonly table: string
  readonly rows: readonly Row[]
}

/** Patterns of the swarm, as rows. */
export const patternRows = async (facts: SwarmFacts, since: Date): Promise<SwarmLook> => {
  const { tests, patterns } = await lookForPatterns(facts)
  return {
    tests,
    table: 'swarm_patterns',
    rows: patterns.map((one) => ({
      pattern_key: one.key,
      kind: one.kind,
      agents_json: JSON.stringify(one.agents),
      project: one.project,
      since_at: since,
      n: one.n,
      p: one.p,
      p_adjusted: one.pAdjusted,
      effect: one.effect,
      words: one.words,
      evidence_json: JSON.stringify(one.evidence),
      gone: false,
    })),
  }
}
