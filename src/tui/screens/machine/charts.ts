import type { ChartPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { emptyHere, type Machine, type MachineModel } from './model.ts'

const MOST_STEPS = 2_000

/** Every step from the first to the last point: where nobody measured there is a gap, never a line. */
const steps = (history: Machine['history']) => {
  const points = history?.points ?? []
  const [first, last] = [points[0], points.at(-1)]
  if (!history || !first || !last) return { times: [], pointAt: () => undefined }
  const stepMs = history.step_s * 1000
  const count = Math.min(MOST_STEPS, Math.round((Date.parse(last.at) - Date.parse(first.at)) / stepMs) + 1)
  const byTime = new Map(points.map((point) => [Math.round(Date.parse(point.at) / stepMs), point]))
  const startStep = Math.round(Date.parse(first.at) / stepMs)
  return {
    times: Array.from({ length: count }, (_, index) => new Date((startStep + index) * stepMs).toISOString()),
    pointAt: (index: number) => byTime.get(startStep + index),
  }
}

const WORDS = {
  why: 'Its meters were not read in this time.',
  fill: 'Every look adds a point; the filter bar (hours) looks further back.',
}

/** Processor and memory in per cent, and load, over the hours of the filter bar. */
export const chartPanels = (
  model: MachineModel,
  at: { readonly meters: Rect; readonly load: Rect | null },
  view: ScreenView,
): readonly ChartPanel[] => {
  const answer = view.answers.machine
  const { times, pointAt } = steps(model.machine?.history ?? null)
  const valuesOf = (field: 'cpu_pct' | 'mem_pct' | 'load5') => times.map((_, index) => pointAt(index)?.[field] ?? null)
  const common = {
    kind: 'chart' as const,
    times,
    empty: emptyWords(answer, emptyHere(model, WORDS)),
    ...standing(answer),
  }
  const cores = model.machine?.machine.cores ?? null
  const meters: ChartPanel = {
    ...common,
    id: 'meters',
    title: 'CPU and memory',
    at: at.meters,
    unit: '%',
    max: 100,
    series: [
      { name: 'cpu', tone: 'series1', values: valuesOf('cpu_pct') },
      { name: 'memory', tone: 'series2', values: valuesOf('mem_pct') },
    ],
  }
  if (at.load === null) return [meters]
  const load: ChartPanel = {
    ...common,
    id: 'load',
    title: cores === null ? 'Load over 5 min' : `Load over 5 min, ${cores} cores`,
    at: at.load,
    unit: '',
    series: [{ name: 'load5', tone: 'series3', values: valuesOf('load5') }],
  }
  return [meters, load]
}
