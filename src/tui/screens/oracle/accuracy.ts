import type { ChartPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { untilWords } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { cell } from '../../view/cell.ts'
import { everyDay } from '../../view/days.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { minutesWords } from '../../view/minutes.ts'
import { bytes, money, percent } from '../../view/numbers.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { Accuracy, OracleModel } from './model.ts'

const share = (value: number | null): string => percent(value === null ? null : value * 100)
const KIND = 16

/** Always saying 50 % earns 0.25: what is no better than that is worth nothing. */
const brierTone = (brier: number | null): Tone =>
  brier === null ? 'unknown' : brier < 0.15 ? 'good' : brier < 0.25 ? 'warn' : 'bad'
const coverTone = (held: number | null): Tone =>
  held === null ? 'unknown' : held >= 0.7 && held <= 0.9 ? 'good' : 'warn'

const kindLine = (one: Accuracy): Line => [
  span(cell(one.kind.replaceAll('_', ' '), KIND), 'strong'),
  span(` ${one.known} of ${one.scored} with an outcome, ${one.came} came`, 'muted'),
  span(`  error ${share(one.median_relative_error)}`),
  span(`  Brier ${one.brier === null ? '?' : one.brier.toFixed(3)}`, brierTone(one.brier)),
  span(`  intervals held ${share(one.coverage_80)} (80 % promised)`, coverTone(one.coverage_80)),
]

/** What was said in tenths beside what came: near is honest. */
const calibration = (one: Accuracy): Line[] =>
  one.calibration.length === 0
    ? []
    : [
        [
          span(cell('  said→came', KIND), 'muted'),
          ...one.calibration.flatMap((tenth): readonly Span[] => [
            span(` ${share(tenth.said_mean)}→`, 'muted'),
            span(share(tenth.came_share), Math.abs(tenth.said_mean - tenth.came_share) <= 0.15 ? 'good' : 'warn'),
            span(`·${tenth.n}`, 'muted'),
          ]),
        ],
      ]

const backtestLines = (model: OracleModel, width: number): readonly Line[] =>
  model.backtests.flatMap((one) =>
    labelled(
      'backtest',
      `${one.kind}: median error ${share(one.median_relative_error)}, 9 of 10 under ${share(one.p90_relative_error)}, from ${one.outcomes} outcomes, run ${untilWords(Date.parse(one.ran_at), model.now.getTime())}`,
      width,
      'muted',
    ),
  )

/** How far the oracle is to be believed. */
export const accuracyPanel = (model: OracleModel, at: Rect, view: ScreenView): TextPanel =>
  textPanel({
    id: 'accuracy',
    title: 'How right it was, 30 days',
    at,
    answer: view.answers.oracle,
    empty: {
      why: 'No forecast has reached its horizon yet.',
      fill: 'A 5-hour window is scored when it resets; the backtest runs at night.',
    },
    lines: [
      ...model.kinds.flatMap((one) => [kindLine(one), ...calibration(one)]),
      ...backtestLines(model, innerWidth(at)),
    ],
  })

const expectedLine = (
  label: string,
  said: {
    spent_microusd: number
    expected_microusd: number | null
    interval_microusd: { low: number; high: number } | null
    days_seen: number
  },
): Line => [
  span(cell(label, 10), 'muted'),
  span(cell(money(said.spent_microusd), 9, 'right')),
  span('  → '),
  span(cell(money(said.expected_microusd), 9, 'right'), said.expected_microusd === null ? 'unknown' : 'accent'),
  span(
    said.interval_microusd === null
      ? `  needs 3 days, has ${said.days_seen}`
      : `  80 %: ${money(said.interval_microusd.low)}–${money(said.interval_microusd.high)}`,
    'muted',
  ),
]

const budgetLines = (model: OracleModel): readonly Line[] =>
  model.budgets.map((one) => [
    span(cell(`${one.period} limit`, 10), 'muted'),
    span(cell(money(one.limit_microusd), 9, 'right')),
    span(`  over with ${share(one.probability_over)}`, (one.probability_over ?? 0) >= 0.5 ? 'bad' : 'good'),
    span(
      one.used_up_at === null ? '' : `, used up ${untilWords(Date.parse(one.used_up_at), model.now.getTime())}`,
      'warn',
    ),
  ])

const capacityLines = (model: OracleModel): readonly Line[] =>
  model.capacity.map((one) => [
    span(cell(`${one.machine} ${one.subject}`, 20), 'strong'),
    span(` full in ${minutesWords(one.minutes_to_full)}`, 'warn'),
    span(`  ${bytes(one.bytes_per_hour)}/h, ${share(one.probability)} within a day`, 'muted'),
  ])

/** Money and room: where they go. */
export const trajectoryPanel = (model: OracleModel, at: Rect, view: ScreenView): TextPanel => {
  const { forecast } = model
  return textPanel({
    id: 'trajectory',
    title: 'Cost trajectory, disks and memory',
    at,
    answer: view.answers.cost,
    empty: {
      why: 'Nothing was spent.',
      fill: 'Costs come from the transcripts of agents.',
    },
    lines:
      forecast === null
        ? []
        : [
            expectedLine('today', forecast.day),
            expectedLine('month', forecast.month),
            ...budgetLines(model),
            ...capacityLines(model),
          ],
  })
}

/** What each day cost. */
export const daysChart = (model: Pick<OracleModel, 'days' | 'now'>, at: Rect, view: ScreenView): ChartPanel => {
  const days = everyDay(model.days, model.now)
  return {
    kind: 'chart',
    id: 'days',
    title: 'Cost per day, 30 d',
    at,
    ...standing(view.answers.days),
    empty: emptyWords(view.answers.days, {
      why: 'No day with usage yet.',
      fill: 'Costs come from the transcripts of agents.',
    }),
    unit: '$',
    times: days.map(({ at: day }) => day),
    series: [{ name: '$ a day', tone: 'series2', values: days.map(({ row }) => (row?.cost_microusd ?? 0) / 1e6) }],
  }
}
