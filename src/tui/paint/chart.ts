import type { ChartPanel } from '../panel.ts'
import { clock, dayClock } from '../view/age.ts'
import { brailleLines } from '../view/braille.ts'
import { cell, clip, widthOf } from '../view/cell.ts'
import { type Line, span } from '../view/line.ts'
import { tokens } from '../view/numbers.ts'

/** Ready lines of a chart in so many cells; null when nothing is known of it. */
export type ChartMaker = (panel: ChartPanel, width: number, height: number) => readonly Line[] | null

const known = (panel: ChartPanel): readonly number[] =>
  panel.series.flatMap(({ values }) => values.filter((value): value is number => value !== null))

/** The value of the upper edge: what the panel says, else a round number above the highest. */
export const scaleTop = (panel: ChartPanel): number => {
  if (panel.max !== undefined) return panel.max
  const highest = Math.max(0, ...known(panel))
  if (highest === 0) return 1
  const step = 10 ** Math.floor(Math.log10(highest))
  return [1, 2, 3, 4, 5, 6, 8, 10].map((n) => n * step).find((n) => n >= highest) ?? highest
}

/** Nothing known means nothing to draw; the panel then says why. */
export const isBlank = (panel: ChartPanel): boolean => known(panel).length === 0

const lastOf = (values: readonly (number | null)[]): number | null => values.findLast((value) => value !== null) ?? null

/** The series by name, each with its last value. */
export const legendLine = (panel: ChartPanel, width: number): Line => {
  const parts = panel.series.flatMap(({ name, tone, values }) => [
    span('— ', tone),
    span(`${clip(name, 16)} ${tokens(lastOf(values))}${panel.unit === '%' ? '%' : ''}  `, 'muted'),
  ])
  let left = width
  return parts.filter(({ text }) => {
    left -= widthOf(text)
    return left >= 0
  })
}

const timeLine = (panel: ChartPanel, from: number, width: number): Line => {
  const [first, last] = [panel.times[0], panel.times.at(-1)]
  const long = first !== undefined && last !== undefined && Date.parse(last) - Date.parse(first) > 86_400_000
  const words = long ? dayClock : clock
  const right = words(last)
  return [
    span(' '.repeat(from)),
    span(cell(words(first), Math.max(0, width - from - right.length)), 'muted'),
    span(right, 'muted'),
  ]
}

/** A chart as ready lines: scale at the left, curves, times and names below when there is room. */
export const chartLines = (panel: ChartPanel, width: number, height: number): readonly Line[] | null => {
  if (isBlank(panel)) return null
  const top = scaleTop(panel)
  const labels = [`${tokens(top)}${panel.unit === '%' ? '%' : ''}`, '0']
  const scale = width >= 24 ? Math.max(...labels.map((text) => text.length)) + 1 : 0
  const feet = height >= 5 ? 2 : height >= 3 ? 1 : 0
  const drawn = brailleLines(panel.series, width - scale, height - feet, top)
  const rows = drawn.map((line, y): Line => {
    const label = y === 0 ? (labels[0] ?? '') : y === drawn.length - 1 ? '0' : ''
    return scale === 0 ? line : [span(`${cell(label, scale - 1, 'right')} `, 'muted'), ...line]
  })
  const foot = [timeLine(panel, scale, width), legendLine(panel, width)]
  return [...rows, ...(feet === 2 ? foot : feet === 1 ? foot.slice(1) : [])]
}
