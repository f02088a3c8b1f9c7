import type { ChartPanel, ListPanel, Rect } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { ageWords } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { spark } from '../../view/bar.ts'
import type { Column } from '../../view/columns.ts'
import { everyDay } from '../../view/days.ts'
import { type Span, span } from '../../view/line.ts'
import { count, decimal, money, percent, tokens } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { type AnalyticsModel, MEASURE_WORDS, type Pattern } from './model.ts'

type Row = AnalyticsModel['trends'][number]

const SPARK = 24

const shown = (figure: string, value: number): string => {
  if (figure.includes('microusd')) return money(value)
  if (figure.startsWith('tokens')) return tokens(value)
  if (figure === 'health_score') return percent(value * 100)
  if (figure.endsWith('_pct')) return percent(value)
  return Number.isInteger(value) ? count(value) : decimal(value, 2)
}

const slope = ({ figure, per_hour: slope }: Row): Span => {
  if (slope === null) return span('too few', 'unknown')
  if (slope === 0) return span('steady', 'muted')
  return span(`${slope > 0 ? '▲' : '▼'} ${shown(figure, Math.abs(slope))}/h`, 'info')
}

// Key figures come every five minutes; where they stopped, the last one is not what is now.
const STALE_S = 900

const latest = ({ figure, latest: value, ageS }: Row): Span => {
  if (value === null) return span('?', 'unknown')
  return ageS !== null && ageS > STALE_S
    ? span(`${shown(figure, value)}, ${ageWords(ageS)} ago`, 'stale')
    : span(shown(figure, value))
}

const TRENDS: readonly Column<Row>[] = [
  { head: 'FIGURE', of: (one) => span(one.figure.replaceAll('_', ' ').replace(' microusd', ''), 'strong'), least: 12, most: 26, keep: 1000 },
  { head: 'NOW', align: 'right', of: latest, least: 6, keep: 95 },
  { head: 'TREND', of: (one) => spark(one.values, SPARK), least: 10, most: SPARK, keep: 85 },
  { head: 'SLOPE', of: slope, least: 8, keep: 80 },
  { head: 'MEAN', align: 'right', of: (one) => span(shown(one.figure, one.mean), 'muted'), keep: 60 },
  { head: 'LEAST', align: 'right', of: (one) => span(shown(one.figure, one.min), 'muted'), keep: 50 },
  { head: 'MOST', align: 'right', of: (one) => span(shown(one.figure, one.max), 'muted'), keep: 50 },
  { head: 'N', align: 'right', of: (one) => span(count(one.samples), 'muted'), keep: 20 },
] // biome-ignore format: a table

/** Key figures of the fleet and where they go. */
export const trendsPanel = (model: AnalyticsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'trends',
    title: `Trends of ${view.filter.hours} h`,
    at,
    answer: view.answers.kpi,
    rows: model.trends,
    idOf: ({ figure }) => figure,
    columns: TRENDS,
    empty: {
      why: 'There are no key figures of that time.',
      fill: 'They are written every five minutes while a daemon runs.',
    },
  })

const PATTERNS: readonly Column<Pattern>[] = [
  { head: 'KIND', of: (one) => span(one.kind, 'accent'), least: 7, keep: 90 },
  { head: 'WHAT', of: (one) => one.text, least: 16, keep: 1000 },
  { head: 'P', align: 'right', of: (one) => span(one.p_adjusted.toFixed(3), 'muted'), keep: 60 },
  { head: 'N', align: 'right', of: (one) => span(count(one.n), 'muted'), keep: 50 },
] // biome-ignore format: a table

export const patternKey = (one: Pattern): string => `${one.kind} ${one.project} ${one.agents.join(' ')}`

/** What agents do to one another, where a test carries it. */
export const patternsPanel = (model: AnalyticsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'patterns',
    title: 'Patterns between agents',
    at,
    answer: view.answers.patterns,
    rows: model.patterns,
    idOf: patternKey,
    columns: PATTERNS,
    empty: {
      why:
        model.tests === 0
          ? 'No pair of agents has enough samples to be tested.'
          : 'Nothing that chance does not explain.',
      fill: 'Contention, synergy, cascades of errors and drift come here with n and p.',
    },
    note: [span(model.tests === null ? '' : `${model.tests} tests`, 'muted')],
  })

export const patternDetail = (one: Pattern): Wish => ({
  wish: 'detail',
  title: `${one.kind}: ${one.agents.join(', ')}`,
  text: [
    one.text,
    `n ${one.n}, p ${one.p}, adjusted ${one.p_adjusted}, effect ${one.effect}`,
    ...Object.entries(one.evidence).map(([name, value]) => `${name}: ${value}`),
  ].join('\n'),
})

const dayValue = (model: AnalyticsModel, day: AnalyticsModel['days'][number] | null): number =>
  model.measure === 'cost_microusd' ? (day?.cost_microusd ?? 0) / 1e6 : (day?.[model.measure] ?? 0)

/** The same measure by day. */
export const dayChart = (model: AnalyticsModel, at: Rect, view: ScreenView): ChartPanel => ({
  kind: 'chart',
  id: 'days',
  title: `${MEASURE_WORDS[model.measure]} per day, 30 d`,
  at,
  ...standing(view.answers.days),
  empty: emptyWords(view.answers.days, {
    why: 'No day with usage yet.',
    fill: 'Usage comes from the transcripts of agents.',
  }),
  unit: model.measure === 'cost_microusd' ? '$' : MEASURE_WORDS[model.measure].toLowerCase(),
  times: everyDay(model.days, model.now).map(({ at: day }) => day),
  series: [
    {
      name: MEASURE_WORDS[model.measure].toLowerCase(),
      tone: 'series1',
      values: everyDay(model.days, model.now).map(({ row }) => dayValue(model, row)),
    },
  ],
})
