import * as z from 'zod'
import { PATTERN_KINDS, type Pattern } from '../oracle/patterns.ts'
import * as read from '../store/index.ts'
import { defineQuery, type QueryContext, warning } from './define.ts'
import { lookForPatterns, readSwarmFacts, SWARM_WINDOW_MS, standingLook } from './dna-facts.ts'
import { when } from './fleet-rows.ts'
import { atParam, momentOf } from './params.ts'
import { count, isoTime, unit } from './shapes.ts'

const patternLine = z.object({
  kind: z.enum(PATTERN_KINDS),
  agents: z.array(z.string()),
  project: z.string().nullable(),
  n: count.describe('hours (contention, synergy), errors (cascade) or days (drift) the test rests on'),
  p: unit.describe('permutation test'),
  p_adjusted: unit.describe('after correction for all tests of this look (Holm); below 0.05'),
  effect: z
    .number()
    .describe(
      'contention, synergy: change of output per hour; cascade: share of errors followed; drift: share of time that moved',
    ),
  text: z.string(),
  evidence: z.record(z.string(), z.union([z.number(), z.string()])),
})
type PatternLine = z.input<typeof patternLine>

const lineOfPattern = (one: Pattern): PatternLine => ({
  kind: one.kind,
  agents: [...one.agents],
  project: one.project,
  n: one.n,
  p: one.p,
  p_adjusted: one.pAdjusted,
  effect: one.effect,
  text: one.words,
  evidence: { ...one.evidence },
})

const lineOfRow = (row: read.SwarmPatternRow): PatternLine => ({
  kind: row.kind as PatternLine['kind'],
  agents: JSON.parse(row.agents_json) as string[],
  project: row.project,
  n: row.n,
  p: row.p,
  p_adjusted: row.p_adjusted,
  effect: row.effect,
  text: row.words,
  evidence: JSON.parse(row.evidence_json) as PatternLine['evidence'],
})

interface Looked {
  readonly at: string | null
  readonly since: string | null
  readonly tests: number
  readonly lines: readonly PatternLine[]
}

const readPatterns = async (ctx: QueryContext, at: Date | null): Promise<Looked> => {
  const look = await standingLook(ctx, 'patterns', at)
  if (look !== null) {
    const lines = (await read.swarmPatterns(ctx.db, when(at))).map(lineOfRow)
    return { at: look.looked_at, since: look.since_at, tests: look.tests, lines }
  }
  if (at !== null) return { at: null, since: null, tests: 0, lines: [] }
  const { tests, patterns } = await lookForPatterns(await readSwarmFacts(ctx))
  const since = new Date(ctx.now.getTime() - SWARM_WINDOW_MS).toISOString()
  return { at: ctx.now.toISOString(), since, tests, lines: patterns.map(lineOfPattern) }
}

/** What agents do to one another, where chance does not explain it; silence means that nothing was carried by the rows. */
export const patterns = defineQuery({
  name: 'patterns',
  version: 1,
  summary:
    'What agents do to one another: contention, synergy, cascades of errors, drift; only what a test carries, with n and p',
  params: z.strictObject({ ...atParam, kind: z.enum(PATTERN_KINDS).optional().describe('only these') }),
  data: z.object({
    computed_at: isoTime.nullable().describe('null: nobody looked then'),
    since: isoTime.nullable(),
    tests: count.describe('how many pairs and agents had enough samples to be tested; 0: nothing could be said'),
    patterns: z.array(patternLine),
  }),
  example: {},
  async load(params, ctx) {
    const at = momentOf(params, ctx.now)
    const { at: computedAt, since, tests, lines } = await readPatterns(ctx, at)
    return {
      data: {
        computed_at: computedAt,
        since,
        tests,
        patterns: lines.filter(({ kind }) => params.kind === undefined || kind === params.kind),
      },
      warnings:
        computedAt === null
          ? [
              warning(
                'not_computed',
                'no daemon looked for patterns around that time',
                'ask for another time, or leave at out',
              ),
            ]
          : [],
    }
  },
})
