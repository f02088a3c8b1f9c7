import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { untilWords } from '../../view/age.ts'
import { bar } from '../../view/bar.ts'
import { cell } from '../../view/cell.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, span, type Tone } from '../../view/line.ts'
import { money, percent, tokens } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { textPanel } from '../../view/text-panel.ts'
import type { CostsModel, Spent } from './model.ts'

const LABEL = 13
const BAR = 16

const share = (part: number, whole: number | undefined): number | null =>
  whole === undefined || whole === 0 ? null : (100 * part) / whole

const label = (text: string): Line[number] => span(cell(text, LABEL), 'muted')
const amount = (microusd: number | null, tone: Tone = 'strong') =>
  span(cell(money(microusd), 10, 'right'), microusd === null ? 'unknown' : tone)

type Expected = NonNullable<CostsModel['cost']>['forecast']['day']

const expected = (name: string, said: Expected): Line => [
  label(name),
  amount(said.expected_microusd, 'accent'),
  span(
    said.interval_microusd === null
      ? `  needs 3 days of history, has ${said.days_seen}`
      : `  80 %: ${money(said.interval_microusd.low)}–${money(said.interval_microusd.high)}`,
    'muted',
  ),
]

const aheadLine = (cost: NonNullable<CostsModel['cost']>): Line => {
  const said = cost.forecast.next_30_days
  return [
    label('next 30 days'),
    amount(said?.expected_microusd ?? null, 'accent'),
    span(
      said === null
        ? '  needs 3 days of history'
        : `  80 %: ${money(said.interval_microusd.low)}–${money(said.interval_microusd.high)}, ${money(said.per_day_microusd)} a day`,
      'muted',
    ),
  ]
}

const budgetLines = (model: CostsModel, width: number): readonly Line[] => {
  const budgets = model.cost?.budgets ?? []
  if (budgets.length === 0)
    return [[label('budgets'), span('none set: vc config set alerts.daily_budget_usd 50', 'muted')]]
  return budgets.map((one): Line => {
    const risk = one.probability_over
    return [
      label(`${one.period} budget`),
      amount(one.limit_microusd),
      span('  '),
      ...bar(one.spent_pct, Math.max(4, Math.min(BAR, width - 60))),
      span(` ${percent(one.spent_pct)}`),
      span(risk === null ? '' : `  over with ${percent(risk * 100)}`, (risk ?? 0) >= 0.5 ? 'bad' : 'good'),
      span(
        one.used_up_at === null ? '' : `, used up ${untilWords(Date.parse(one.used_up_at), model.now.getTime())}`,
        'warn',
      ),
    ]
  })
}

const periodLine = (one: NonNullable<CostsModel['cost']>['periods'][number]): Line => [
  label(one.period),
  amount(one.cost_microusd),
  span(`  ${tokens(one.total_tokens)} tokens`, 'muted'),
  span(one.unpriced_tokens > 0 ? `, ${tokens(one.unpriced_tokens)} of them without a price` : '', 'warn'),
]

const partly = ({ coverage }: CostsModel): Line[] =>
  coverage === null || coverage.machines_reporting >= coverage.machines
    ? []
    : [[span(`covers ${coverage.machines_reporting} of ${coverage.machines} machines`, 'stale')]]

/** What was spent, what it will be, and what may be spent. */
export const sumsPanel = (model: CostsModel, at: Rect, view: ScreenView): TextPanel => {
  const { cost } = model
  return textPanel({
    id: 'sums',
    title: 'Spent and expected',
    at,
    answer: view.answers.cost,
    empty: {
      why: 'Nothing was spent.',
      fill: 'Costs come from the transcripts of agents.',
    },
    lines:
      cost === null
        ? []
        : [
            ...cost.periods.map(periodLine),
            ...partly(model),
            [
              label('now'),
              amount(cost.burn.last_hour_microusd, 'plain'),
              span(`  in the last hour; ${money(cost.burn.day_microusd_per_hour)}/h over 24 h`, 'muted'),
            ],
            expected('end of day', cost.forecast.day),
            expected('end of month', cost.forecast.month),
            aheadLine(cost),
            ...budgetLines(model, at.width),
          ],
  })
}

const columnsOf = (model: CostsModel): readonly Column<Spent>[] => [
  { head: model.group.toUpperCase(), of: (one) => (one.key === null ? span('not known', 'unknown') : span(one.label ?? one.key, 'strong')), least: 10, keep: 1000 },
  { head: 'COST', align: 'right', of: (one) => money(one.cost_microusd), least: 6, keep: 95 },
  { head: 'SHARE', of: (one) => [...bar(share(one.cost_microusd, model.total?.cost_microusd), BAR, { warnAt: 101, badAt: 102 }), span(` ${percent(share(one.cost_microusd, model.total?.cost_microusd))}`)], least: BAR + 5, keep: 50 },
  { head: 'TOKENS', align: 'right', of: (one) => tokens(one.total_tokens), keep: 80 },
  { head: 'NO PRICE', align: 'right', of: (one) => (one.unpriced_tokens === 0 ? span('·', 'muted') : span(tokens(one.unpriced_tokens), 'warn')), keep: 70 },
] // biome-ignore format: a table

/** By whom or what it was spent. */
export const groupsPanel = (model: CostsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'groups',
    title: `By ${model.group}, ${model.period}`,
    at,
    answer: view.answers.cost,
    rows: model.groups,
    idOf: (one) => one.key ?? '(not known)',
    columns: columnsOf(model),
    all: model.allGroups,
    what: 'lines',
    empty: {
      why: model.group === 'bead' ? 'No bead was on a hook while tokens were used.' : 'Nothing was spent in this time.',
      fill:
        model.group === 'bead'
          ? 'gastown hangs beads on agents’ hooks: gt sling.'
          : 'Costs come from the transcripts of agents.',
    },
  })
