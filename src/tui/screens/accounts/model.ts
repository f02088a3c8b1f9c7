import type { accounts } from '../../../queries/accounts.ts'
import type { forecast } from '../../../queries/forecast.ts'
import type { ScreenAsk, ScreenView } from '../../screen.ts'
import { type DataOf, dataOf } from '../../view/answer-data.ts'
import { isOldAnswer, lyingS } from '../../view/lying.ts'
import { found } from '../../view/narrowed.ts'

type Accounts = DataOf<typeof accounts>
type Forecasts = DataOf<typeof forecast>
export type Account = Accounts['accounts'][number]
export type Window = Accounts['windows'][number]
export type Limit = Forecasts['limits'][number]
export type PastError = Forecasts['past_errors'][number]
export type Recommendation = Accounts['recommendations'][number]

/** A window with what is foretold of it. */
export interface WindowSeen {
  readonly id: string
  readonly window: Window
  readonly limit: Limit | null
}

export interface AccountsModel {
  /** Fullest first; every window of every account. */
  readonly windows: readonly WindowSeen[]
  readonly allWindows: number
  readonly selected: WindowSeen | null
  readonly accounts: readonly Account[]
  readonly recommendations: readonly Recommendation[]
  readonly pastErrors: readonly PastError[]
}

export const accountsAsks = (): readonly ScreenAsk[] => [
  { as: 'accounts', topic: 'accounts', everyMs: 5_000 },
  { as: 'forecast', topic: 'forecast', everyMs: 10_000 },
]

/** What an account is called for people: its label where one is known. */
export const nameOf = ({ account, label }: { readonly account: string; readonly label: string | null }): string =>
  label ?? account

const keyOf = (provider: string, account: string, limit: string, window: string): string =>
  [provider, account, limit, window].join(' ')

export const accountsModel = (view: ScreenView): AccountsModel => {
  const said = dataOf<Accounts>(view, 'accounts')
  const foretold = dataOf<Forecasts>(view, 'forecast')
  const { filter } = view
  const ofProvider = ({ provider }: { readonly provider: string }): boolean =>
    filter.provider === null || provider === filter.provider
  const limits = new Map(
    (foretold?.limits ?? []).map((one) => [keyOf(one.provider, one.account, one.limit_id, one.window), one]),
  )
  const windows = (said?.windows ?? [])
    .map((one) => ({
      ...one,
      age_s: one.age_s + lyingS(view.answers.accounts),
      stale: one.stale || isOldAnswer(view.answers.accounts, 60_000),
    }))
    .filter(
      (one) =>
        ofProvider(one) &&
        (filter.machine === null || one.observations.some(({ machine }) => machine === filter.machine)) &&
        found(filter, one.account, one.label, one.provider, one.window, one.plan),
    )
    .map((window) => {
      const id = keyOf(window.provider, window.account, window.limit, window.window)
      return { id, window, limit: limits.get(id) ?? null }
    })
  return {
    windows,
    allWindows: said?.windows.length ?? 0,
    selected: windows.find((one) => one.id === view.chosen.windows) ?? windows[0] ?? null,
    accounts: (said?.accounts ?? []).filter(ofProvider),
    recommendations: (said?.recommendations ?? []).filter(ofProvider),
    pastErrors: foretold?.past_errors ?? [],
  }
}
