import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { type CostsModel, costsAsks, costsModel, GROUPS, groupOf, PERIODS, periodOf } from './costs/model.ts'
import { groupsPanel, sumsPanel } from './costs/spent.ts'
import { wastePanel, windowsPanel } from './costs/windows.ts'
import { after } from './events/model.ts'
import { daysChart } from './oracle/accuracy.ts'

const WIDE = 120

const panels = (model: CostsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  if (size.columns >= WIDE) {
    const [top = area, middle = area, below = area] = stack(area, 13, { part: 3, least: 7 }, { part: 2, least: 6 })
    const [sums = top, chart = top] = beside(top, { part: 1 }, { part: 1 })
    const [windows = below, waste = below] = beside(below, { part: 1 }, { part: 1 })
    return [
      groupsPanel(model, middle, view),
      sumsPanel(model, sums, view),
      daysChart(model, chart, view),
      windowsPanel(model, windows, view),
      wastePanel(model, waste, view),
    ]
  }
  const tall = size.rows >= 32
  const [sums = area, groups = area, windows = area, chart = area] = stack(
    area,
    tall ? 13 : 9,
    { part: 3, least: 5 },
    { part: 2, least: tall ? 5 : 4 },
    tall ? 9 : 0,
  )
  return [
    groupsPanel(model, groups, view),
    sumsPanel(model, sums, view),
    windowsPanel(model, windows, view),
    ...(tall ? [daysChart(model, chart, view)] : []),
  ]
}

/** Where the money goes: by model, project, account and bead, against budgets, and what comes. */
export const costs = defineScreen<CostsModel>({
  id: 'costs',
  key: 'c',
  title: 'Costs',
  about:
    'Money by model, project, account or bead; budgets, billing windows, the next 30 days and what could be saved.',
  asks: costsAsks,
  model: costsModel,
  panels,
  keys: [
    {
      keys: ['s'],
      says: 'by model, project, account, provider, bead',
      act: (_model, view) => ({ wish: 'option', name: 'costs.by', value: after(GROUPS, groupOf(view)) }),
    },
    {
      keys: ['w'],
      says: 'today, week, month',
      act: (_model, view) => ({ wish: 'option', name: 'costs.period', value: after(PERIODS, periodOf(view)) }),
    },
  ],
  open: (panel, row) =>
    panel === 'windows' ? { wish: 'go', screen: 'accounts', filter: { text: row.split(' ')[1] ?? '' } } : null,
})
