import type { cost } from '../../../queries/cost.ts'
import type { forecast } from '../../../queries/forecast.ts'
import type { oracle } from '../../../queries/oracle.ts'
import type { usage } from '../../../queries/usage.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { found, onMachine } from '../../view/narrowed.ts'

type Forecast = DataOf<typeof forecast>
type Oracle = DataOf<typeof oracle>
type Cost = DataOf<typeof cost>
type Usage = DataOf<typeof usage>
export type Limit = Forecast['limits'][number]
export type Stuck = Forecast['stuck'][number]
export type Capacity = Forecast['capacity'][number]
export type Accuracy = Oracle['kinds'][number]
export type Backtest = Oracle['backtests'][number]

export interface OracleModel {
  readonly limits: readonly Limit[]
  readonly allLimits: number
  readonly stuck: readonly Stuck[]
  readonly capacity: readonly Capacity[]
  readonly kinds: readonly Accuracy[]
  readonly backtests: readonly Backtest[]
  readonly since: string | null
  readonly forecast: Cost['forecast'] | null
  readonly budgets: Cost['budgets']
  readonly days: Usage['groups']
  readonly now: Date
}

export const oracleAsks = (view: ScreenView): readonly ScreenAsk[] => [
  {
    as: 'forecast',
    topic: 'forecast',
    params: view.filter.machine === null ? {} : { machine: view.filter.machine },
    everyMs: 5_000,
  },
  { as: 'oracle', topic: 'oracle', everyMs: 60_000 },
  { as: 'cost', topic: 'cost', params: { period: 'month' }, everyMs: 30_000 },
  { as: 'days', topic: 'usage', params: { since: '30d', by: 'day' }, everyMs: 60_000 },
]

export const oracleModel = (view: ScreenView): OracleModel => {
  const said = dataOf<Forecast>(view, 'forecast')
  const past = dataOf<Oracle>(view, 'oracle')
  const money = dataOf<Cost>(view, 'cost')
  const ofProvider = (provider: string): boolean => view.filter.provider === null || provider === view.filter.provider
  return {
    allLimits: said?.limits.length ?? 0,
    limits: (said?.limits ?? []).filter(
      (one) => ofProvider(one.provider) && found(view.filter, one.account, one.label, one.provider, one.window),
    ),
    stuck: (said?.stuck ?? []).filter(
      (one) => onMachine(view.filter, one.machine) && found(view.filter, one.agent, one.kind),
    ),
    capacity: (said?.capacity ?? []).filter((one) => onMachine(view.filter, one.machine)),
    kinds: past?.kinds ?? [],
    backtests: past?.backtests ?? [],
    since: past?.since ?? null,
    forecast: money?.forecast ?? null,
    budgets: money?.budgets ?? [],
    days: dataOf<Usage>(view, 'days')?.groups ?? [],
    now: view.at ?? view.now,
  }
}
