import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { accuracyPanel, daysChart, trajectoryPanel } from './oracle/accuracy.ts'
import { limitDetail, limitKey, limitsPanel, stuckPanel } from './oracle/limits.ts'
import { type OracleModel, oracleAsks, oracleModel } from './oracle/model.ts'

const WIDE = 120
const TALL = 30

const panels = (model: OracleModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  if (size.columns >= WIDE) {
    const [limits = area, middle = area, below = area] = stack(
      area,
      { part: 4, least: 7 },
      { part: 3, least: 6 },
      { part: 4, least: 7 },
    )
    const [stuck = middle, right = middle] = beside(middle, { part: 1 }, { part: 1 })
    const [accuracy = below, chart = below] = beside(below, { part: 3 }, { part: 2 })
    return [
      limitsPanel(model, limits, view),
      stuckPanel(model, stuck, view),
      trajectoryPanel(model, right, view),
      accuracyPanel(model, accuracy, view),
      daysChart(model, chart, view),
    ]
  }
  const tall = size.rows >= TALL
  const [limits = area, stuck = area, money = area, accuracy = area] = stack(
    area,
    { part: 3, least: 6 },
    { part: 2, least: 4 },
    tall ? { part: 2, least: 5 } : 4,
    tall ? { part: 2 } : 4,
  )
  return [
    limitsPanel(model, limits, view),
    stuckPanel(model, stuck, view),
    trajectoryPanel(model, money, view),
    accuracyPanel(model, accuracy, view),
  ]
}

/** What is foretold, and how far to believe it. */
export const oracle = defineScreen<OracleModel>({
  id: 'oracle',
  key: '9',
  title: 'Oracle',
  about: 'Forecasts of limits, stuck agents, money and room, with what became of earlier ones.',
  asks: oracleAsks,
  model: oracleModel,
  panels,
  keys: [
    {
      keys: ['c'],
      says: 'costs in detail',
      act: () => ({ wish: 'go', screen: 'costs' }),
    },
    {
      keys: ['b'],
      says: 'how right they were, in words',
      act: (_model, view) => ({
        wish: 'run',
        argv: ['oracle', 'accuracy', ...(view.at === null ? [] : ['--at', view.at.toISOString()])],
        title: 'How right forecasts were',
      }),
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'stuck') return { wish: 'go', screen: 'agents', chosen: { agents: row.split(' ')[0] ?? row } }
    const one = panel === 'limits' ? model.limits.find((limit) => limitKey(limit) === row) : undefined
    return one === undefined ? null : limitDetail(one)
  },
})
