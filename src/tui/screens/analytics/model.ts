import type { kpi } from '../../../queries/kpi.ts'
import type { patterns } from '../../../queries/patterns.ts'
import type { usage } from '../../../queries/usage.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { secondsSince } from '../../view/age.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found } from '../../view/narrowed.ts'

type Usage = DataOf<typeof usage>
type Kpi = DataOf<typeof kpi>
type Patterns = DataOf<typeof patterns>
export type Trend = Kpi['trend'][number]
export type Pattern = Patterns['patterns'][number]

export const MEASURES = ['total_tokens', 'cost_microusd', 'messages'] as const
export type Measure = (typeof MEASURES)[number]
export const MEASURE_WORDS: Readonly<Record<Measure, string>> = {
  total_tokens: 'Tokens',
  cost_microusd: 'Cost',
  messages: 'Messages',
}

/** A week of hours: seven days (Monday first) of 24 numbers; null where there was nothing. */
export type Week = readonly (readonly (number | null)[])[]

export interface AnalyticsModel {
  readonly measure: Measure
  readonly week: Week
  readonly weeks: number
  readonly trends: readonly (Trend & {
    readonly values: readonly (number | null)[]
    /** In the newest key figures, which are so old. */
    readonly latest: number | null
    readonly ageS: number | null
  })[]
  readonly days: Usage['groups']
  readonly patterns: readonly Pattern[]
  readonly tests: number | null
  readonly now: Date
}

const WEEKS = 4

export const measureOf = (view: ScreenView): Measure =>
  MEASURES.find((one) => one === view.options['analytics.measure']) ?? 'total_tokens'

export const analyticsAsks = (view: ScreenView): readonly ScreenAsk[] => [
  { as: 'week', topic: 'usage', params: { since: `${WEEKS * 7}d`, by: 'weekday_hour' }, everyMs: 60_000 },
  { as: 'kpi', topic: 'kpi', params: { since: `${view.filter.hours}h`, limit: 120 }, everyMs: 15_000 },
  { as: 'days', topic: 'usage', params: { since: '30d', by: 'day' }, everyMs: 60_000 },
  { as: 'patterns', topic: 'patterns', everyMs: 60_000 },
]

const weekOf = (usage: Usage | null, measure: Measure): Week => {
  const by = new Map((usage?.groups ?? []).map((group) => [group.key, group[measure]]))
  return Array.from({ length: 7 }, (_day, day) =>
    Array.from({ length: 24 }, (_hour, hour) => by.get(`${day + 1}-${String(hour).padStart(2, '0')}`) ?? null),
  )
}

const figureOf = (shot: Kpi['now'], figure: string): number | null => {
  const value = shot?.[figure as keyof typeof shot]
  return typeof value === 'number' ? value : null
}
const valuesOf = (kpi: Kpi, figure: string): readonly (number | null)[] =>
  kpi.snapshots.map((shot) => figureOf(shot, figure))

export const analyticsModel = (view: ScreenView): AnalyticsModel => {
  const measure = measureOf(view)
  const figures = dataOf<Kpi>(view, 'kpi')
  const told = dataOf<Patterns>(view, 'patterns')
  return {
    measure,
    week: weekOf(dataOf<Usage>(view, 'week'), measure),
    weeks: WEEKS,
    trends: (figures?.trend ?? [])
      .filter(({ figure }) => found(view.filter, figure.replaceAll('_', ' ')))
      .map((one) => ({
        ...one,
        values: figures === null ? [] : valuesOf(figures, one.figure),
        latest: figureOf(figures?.now ?? null, one.figure),
        ageS: secondsSince(figures?.now?.ts, view.at ?? view.now),
      })),
    days: dataOf<Usage>(view, 'days')?.groups ?? [],
    patterns: (told?.patterns ?? []).filter((one) => found(view.filter, one.text, one.project, ...one.agents)),
    tests: told?.tests ?? null,
    now: view.at ?? view.now,
  }
}
