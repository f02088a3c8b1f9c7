import { judgeBundle } from '../../src/commands/explain-bundle.ts'
import { stuckWarnings } from '../../src/oracle/stuck.ts'
import { labelledBundles } from '../../tests/oracle/agent-bundles.ts'
import type { Bench, Figure } from '../bench.ts'
import { type LabelledWatch, stuckTraces, TRACE_NOW } from '../stuck/traces.ts'

export interface StuckScore {
  readonly cli: string
  readonly samples: number
  readonly precision: number
  readonly recall: number
  readonly worst: string
}

const CLIS = ['claude', 'codex', 'gemini', 'opencode'] as const
/** Context filling up is foretold, not a state one is in: it is no part of being stuck. */
const isWarned = ({ watch }: LabelledWatch): boolean =>
  stuckWarnings(watch, TRACE_NOW).some(({ kind }) => kind !== 'stuck_context_overflow')

/** The recorded, labelled screens and files through the whole judgement: none of them is stuck, whatever it shows. */
const recorded = (cli: string): readonly LabelledWatch[] =>
  labelledBundles()
    .filter((item) => item.cli === cli)
    .map((item) => {
      const { state, reason, since } = judgeBundle(item.bundle)
      const [base] = stuckTraces(cli, 1, 1)
      const sinceMs = since === undefined ? null : Date.parse(since)
      const watch = {
        ...(base as LabelledWatch).watch,
        state,
        reason: reason ?? null,
        stateSinceMs: sinceMs,
        lastActivityMs: sinceMs,
      }
      return { cli, trace: 'thinks_silently', stuck: item.truth === 'stalled', watch: { ...watch, cpuMaxPct: null } }
    })

export const stuckScore = (cli: string, perKind: number, seed: number): StuckScore => {
  const all = [...recorded(cli), ...stuckTraces(cli, perKind, seed)]
  const warned = all.filter(isWarned)
  const right = warned.filter(({ stuck }) => stuck).length
  const wrong = Map.groupBy(
    all.filter((one) => isWarned(one) !== one.stuck),
    ({ trace }) => trace,
  )
  const worst = [...wrong].sort(([, a], [, b]) => b.length - a.length)[0]
  return {
    cli,
    samples: all.length,
    precision: right / Math.max(1, warned.length),
    recall: right / Math.max(1, all.filter(({ stuck }) => stuck).length),
    worst: worst === undefined ? 'none wrong' : `most wrong: ${worst[0]} ${worst[1].length}`,
  }
}

const SEED = 40_117

const figures = (score: StuckScore): readonly Figure[] =>
  (
    [
      ['precision', score.precision, 0.98],
      ['recall', score.recall, 0.95],
    ] as const
  ).map(([what, value, goal]) => ({
    what: `stuck agents, ${score.cli}, ${what}`,
    figure: `${value.toFixed(3)} (n ${score.samples}, seed ${SEED})`,
    baseline: score.worst,
    ratio: null,
    target: `>= ${goal}`,
    ok: value >= goal,
  }))

export const stuck: Bench = {
  name: 'stuck',
  about: 'stuck agents told from silent, waiting and limited ones: labelled recordings and seeded traces, per CLI',
  async run({ full }) {
    return CLIS.flatMap((cli, at) => figures(stuckScore(cli, full ? 2_000 : 100, SEED + at)))
  },
}
