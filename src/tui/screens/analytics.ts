import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { heatPanel } from './analytics/heat.ts'
import { type AnalyticsModel, analyticsAsks, analyticsModel, MEASURES, measureOf } from './analytics/model.ts'
import { dayChart, patternDetail, patternKey, patternsPanel, trendsPanel } from './analytics/trends.ts'
import { after } from './events/model.ts'

const WIDE = 150
const HEAT = 12

const panels = (model: AnalyticsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  if (size.columns >= WIDE) {
    const [top = area, below = area] = stack(area, HEAT + 2, { part: 1, least: 8 })
    const [heat = top, chart = top] = beside(top, 112, { part: 1 })
    const [trends = below, patterns = below] = beside(below, { part: 3 }, { part: 2 })
    return [
      trendsPanel(model, trends, view),
      heatPanel(model, heat, view),
      dayChart(model, chart, view),
      patternsPanel(model, patterns, view),
    ]
  }
  const [heat = area, trends = area, patterns = area] = stack(
    area,
    size.rows >= 24 ? HEAT : 10,
    { part: 3, least: 5 },
    size.rows >= 28 ? { part: 1, least: 5 } : 0,
  )
  return [
    trendsPanel(model, trends, view),
    heatPanel(model, heat, view),
    ...(patterns.height > 0 ? [patternsPanel(model, patterns, view)] : []),
  ]
}

/** When the fleet works and where its figures go. */
export const analytics = defineScreen<AnalyticsModel>({
  id: 'analytics',
  key: 'a',
  title: 'Analytics',
  about: 'Hours of the week by tokens, cost or messages; trends of the key figures; patterns between agents.',
  asks: analyticsAsks,
  model: analyticsModel,
  panels,
  keys: [
    {
      keys: ['s'],
      says: 'tokens, cost, messages',
      act: (_model, view) => ({ wish: 'option', name: 'analytics.measure', value: after(MEASURES, measureOf(view)) }),
    },
  ],
  open: (panel, row, model) => {
    const one = panel === 'patterns' ? model.patterns.find((pattern) => patternKey(pattern) === row) : undefined
    return one === undefined ? null : patternDetail(one)
  },
})
