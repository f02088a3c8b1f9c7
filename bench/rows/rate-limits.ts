import type { Bench, Figure } from '../bench.ts'
import { type LimitScore, scoreTraces, summarise } from '../limits/score.ts'
import type { TraceKind } from '../limits/trace.ts'

const pct = (share: number): string => `${(share * 100).toFixed(1)} %`

const errorRow = (what: string, score: LimitScore, limit: number): Figure => ({
  what: `rate-limit forecast, median error, ${what}`,
  figure: `${pct(score.median)} (p90 ${pct(score.p90)}, n ${score.n})`,
  baseline: `first/last point ${pct(score.straight.median)} (p90 ${pct(score.straight.p90)})`,
  ratio: score.median / score.straight.median,
  target: `<= ${pct(limit)}`,
  ok: score.median <= limit,
})

const row = (what: string, figure: string, baseline: string, target: string, ok: boolean): Figure => ({
  what, figure, baseline, ratio: null, target, ok,
}) // biome-ignore format: one row

/** Every promise about rate limits, on seeded traces that no constant was fitted to. */
export const rateLimits: Bench = {
  name: 'rate-limits',
  about: 'rate-limit forecasts on seeded traces, beside the line through first and last point',
  async run({ full }) {
    const scored = scoreTraces(full ? 1_000 : 60, 50_000)
    const all = summarise(scored)
    const hard: readonly TraceKind[] = ['accelerating', 'bursty', 'pauses']
    return [
      errorRow('all kinds', all, 0.06),
      ...hard.map((kind) => errorRow(kind, summarise(scored, kind), 0.2)),
      row('rate-limit forecast, p90 error', pct(all.p90), pct(all.straight.p90), '<= 30 %', all.p90 <= 0.3),
      row(
        'limit before reset, Brier score',
        all.brier.toFixed(3),
        all.straight.brier.toFixed(3),
        '<= 0.04',
        all.brier <= 0.04,
      ),
      row('80 % intervals cover', pct(all.coverage), '', '75-85 %', all.coverage >= 0.75 && all.coverage <= 0.85),
      row('swap advised, reset came first', pct(all.wrongSwaps), '', '<= 1 %', all.wrongSwaps <= 0.01),
      row('swap advised against the own forecast', pct(all.absurdSwaps), '', '0', all.absurdSwaps === 0),
    ]
  },
}
