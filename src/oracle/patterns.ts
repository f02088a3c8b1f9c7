import type { AgentError, WorkHour } from './dna.ts'
import { cascadeTests } from './patterns-cascade.ts'
import { driftTests } from './patterns-drift.ts'
import { paceTests } from './patterns-pace.ts'
import { carried, type PatternTest, type TestedPattern } from './patterns-test.ts'

export const PATTERN_KINDS = ['contention', 'synergy', 'cascade', 'drift'] as const
export type PatternKind = (typeof PATTERN_KINDS)[number]

/** Something agents do to one another that chance does not explain. */
export interface Pattern {
  readonly key: string
  readonly kind: PatternKind
  readonly agents: readonly string[]
  readonly project: string | null
  readonly n: number
  readonly p: number
  /** After Holm's correction for all tests of the look. */
  readonly pAdjusted: number
  readonly effect: number
  readonly words: string
  readonly evidence: Readonly<Record<string, number | string>>
}

export interface PatternLook {
  /** Tests that had enough samples; what had fewer was not tested. */
  readonly tests: number
  readonly patterns: readonly Pattern[]
}

/** More tests than these would each need more certainty than rows can give: those with most samples are kept. */
const MOST_TESTS = 400

const kindOf = (test: PatternTest): PatternKind =>
  test.kind === 'pace' ? (test.effect < 0 ? 'contention' : 'synergy') : test.kind

const percent = (share: number): string => `${Math.round(Math.abs(share) * 100)} %`

const wordsOf = (test: PatternTest): string => {
  const [a = '?', b = '?'] = test.agents
  const { evidence, effect } = test
  switch (kindOf(test)) {
    case 'contention':
      return `${a} and ${b} write on average ${percent(effect)} less in hours when the other works in ${test.project ?? '?'} too`
    case 'synergy':
      return `${a} and ${b} write on average ${percent(effect)} more in hours when the other works in ${test.project ?? '?'} too`
    case 'cascade':
      return `${evidence.followed} of ${evidence.errors_first} errors of ${a} are followed by one of ${b} within 10 minutes; both may have one cause`
    default:
      return `${a} gives ${test.project ?? '?'} ${percent(Number(evidence.share_after))} of its time, ${percent(Number(evidence.share_before))} before`
  }
}

const patternOf = ({ test, p, pAdjusted }: TestedPattern): Pattern => ({
  key: test.key.replaceAll('\u0001', ' '),
  kind: kindOf(test),
  agents: test.agents,
  project: test.project,
  n: test.n,
  p,
  pAdjusted,
  effect: test.effect,
  words: wordsOf(test),
  evidence: test.evidence,
})

const mostSamples = (tests: readonly PatternTest[]): readonly PatternTest[] =>
  tests.toSorted((a, b) => b.n - a.n || a.key.localeCompare(b.key)).slice(0, MOST_TESTS)

/** Looks for patterns, a little at each turn. What the rows do not carry is not said. */
export function* findPatterns(hours: readonly WorkHour[], errors: readonly AgentError[]): Generator<void, PatternLook> {
  const all: PatternTest[] = []
  for (const some of [paceTests(hours), cascadeTests(hours, errors), driftTests(hours)])
    for (const tests of some) {
      all.push(...tests)
      yield
    }
  // Chosen by their number of samples alone: choosing by what was seen would make chance look like a pattern.
  const tests = mostSamples(all)
  const found = yield* carried(tests)
  return { tests: tests.length, patterns: found.map(patternOf) }
}
