import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { advicePanel } from './accounts/advice.ts'
import { windowDetail } from './accounts/detail.ts'
import { type AccountsModel, accountsAsks, accountsModel } from './accounts/model.ts'
import { windowsPanel } from './accounts/windows.ts'

const WIDE = 110

const isAdvice = (view: ScreenView): boolean => view.options.part === 'advice'

const wide = (model: AccountsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [windows, rest] = stack(area, { part: 1, least: 6 }, { part: 1 })
  const [detail, advice] = beside(rest ?? area, { part: 1 }, { part: 1 })
  return [
    windowsPanel(model, windows ?? area, view),
    windowDetail(model, detail ?? area, view),
    advicePanel(model, advice ?? area, view),
  ]
}

const narrow = (model: AccountsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [windows, rest] = stack(area, { part: 1, least: 6 }, { part: 1, least: 6 })
  const panel = (isAdvice(view) ? advicePanel : windowDetail)(model, rest ?? area, view)
  return [
    windowsPanel(model, windows ?? area, view),
    { ...panel, title: `${panel.title} (${isAdvice(view) ? 2 : 1} of 2, Space: next)` },
  ]
}

const nothingToSwitch = ({ recommendations }: AccountsModel): string | null =>
  recommendations.length === 0 ? 'no account is known' : null

/** Head-room: every window with its reset and forecast, and which account to go on with. */
export const accounts = defineScreen<AccountsModel>({
  id: 'accounts',
  key: '4',
  title: 'Accounts',
  about:
    'Every rate-limit window with its reset, the band of its forecast, past error, and which account to go on with.',
  asks: accountsAsks,
  model: accountsModel,
  panels: (model, size, view) => (size.columns >= WIDE ? wide(model, size, view) : narrow(model, size, view)),
  keys: [
    {
      keys: ['w'],
      says: 'which account next, in full',
      blockedBy: nothingToSwitch,
      act: ({ selected }) => ({
        wish: 'run',
        argv: ['account', 'recommend', ...(selected === null ? [] : ['--provider', selected.window.provider])],
        title: 'Which account next',
      }),
    },
    {
      keys: ['a'],
      says: 'how right forecasts were',
      act: () => ({ wish: 'run', argv: ['oracle', 'accuracy'], title: 'How right forecasts were' }),
    },
    {
      keys: ['space'],
      says: 'window or advice, where one fits at a time',
      act: (_, view) => ({ wish: 'option', name: 'part', value: isAdvice(view) ? 'window' : 'advice' }),
    },
  ],
})
