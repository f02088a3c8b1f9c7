import type { cost } from '../../../queries/cost.ts'
import type { usage } from '../../../queries/usage.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found } from '../../view/narrowed.ts'

type Cost = DataOf<typeof cost>
type Usage = DataOf<typeof usage>
export const GROUPS = ['model', 'project', 'account', 'provider', 'bead'] as const
export type Group = (typeof GROUPS)[number]
export const PERIODS = ['today', 'week', 'month'] as const
export type Period = (typeof PERIODS)[number]
export type Spent = Cost['by']['model'][number]
export type Billing = Cost['windows'][number]

export interface CostsModel {
  readonly group: Group
  readonly period: Period
  readonly cost: Cost | null
  readonly groups: readonly Spent[]
  readonly allGroups: number
  readonly total: Cost['periods'][number] | null
  readonly windows: readonly Billing[]
  readonly days: Usage['groups']
  readonly coverage: Usage['coverage'] | null
  readonly now: Date
}

const oneOf = <Word extends string>(words: readonly Word[], wanted: string | undefined, otherwise: Word): Word =>
  words.find((word) => word === wanted) ?? otherwise

export const groupOf = (view: ScreenView): Group => oneOf(GROUPS, view.options['costs.by'], 'model')
export const periodOf = (view: ScreenView): Period => oneOf(PERIODS, view.options['costs.period'], 'week')

export const costsAsks = (view: ScreenView): readonly ScreenAsk[] => [
  { as: 'cost', topic: 'cost', params: { period: periodOf(view) }, everyMs: 10_000 },
  { as: 'days', topic: 'usage', params: { since: '30d', by: 'day' }, everyMs: 60_000 },
]

export const costsModel = (view: ScreenView): CostsModel => {
  const data = dataOf<Cost>(view, 'cost')
  const used = dataOf<Usage>(view, 'days')
  const group = groupOf(view)
  const groups = data?.by[group] ?? []
  const ofProvider = (provider: string): boolean => view.filter.provider === null || provider === view.filter.provider
  return {
    group,
    period: periodOf(view),
    cost: data,
    allGroups: groups.length,
    groups: groups.filter(
      (one) =>
        found(view.filter, one.key, one.label) && (group !== 'provider' || one.key === null || ofProvider(one.key)),
    ),
    total: data?.periods.find(({ period }) => period === data.period) ?? null,
    windows: (data?.windows ?? []).filter(
      (one) => ofProvider(one.provider) && found(view.filter, one.account, one.label, one.provider),
    ),
    days: used?.groups ?? [],
    coverage: used?.coverage ?? null,
    now: view.at ?? view.now,
  }
}
