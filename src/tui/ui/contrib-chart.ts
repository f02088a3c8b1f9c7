import type { Widgets } from 'blessed'
import type lineWidget from 'blessed-contrib/lib/widget/charts/line.js'
import { type ChartMaker, chartLines, legendLine, scaleTop } from '../paint/chart.ts'
import type { ChartPanel } from '../panel.ts'
import { clock, dayClock } from '../view/age.ts'
import { type Line, type Span, span, type Tone } from '../view/line.ts'

/** Smaller than this its axes leave no room for the curve. */
const LEAST = { width: 50, height: 8 }

// The widget colours with numbers; these stand for tones, which the theme then colours.
const TONES: readonly Tone[] = [
  'muted',
  'plain',
  'strong',
  'accent',
  'good',
  'warn',
  'bad',
  'info',
  'unknown',
  'stale',
  'series1',
  'series2',
  'series3',
  'series4',
]
const MARK = 200
const markOf = (tone: Tone): number => MARK + TONES.indexOf(tone)

// biome-ignore lint/complexity/useRegexLiterals: an escape in a literal is taken for a slip
const LOOK = new RegExp('\\u001b\\[([0-9;]*)m')

/** A row of the widget's text: its colours become tones again. */
const rowLine = (row: string): Line => {
  const spans: Span[] = []
  let tone: Tone = 'muted'
  row.split(LOOK).forEach((part, at) => {
    if (at % 2 === 1) {
      const mark = Number(/^38;5;(\d+)$/.exec(part)?.[1] ?? Number.NaN) - MARK
      tone = TONES[mark] ?? 'muted'
    } else if (part !== '') spans.push(span(part, tone))
  })
  return spans
}

const timesOf = ({ times }: ChartPanel): readonly string[] => {
  const long = Date.parse(times.at(-1) ?? '') - Date.parse(times[0] ?? '') > 86_400_000
  return times.map(long ? dayClock : clock)
}

const suits = (panel: ChartPanel, width: number, height: number): boolean =>
  width >= LEAST.width &&
  height >= LEAST.height &&
  panel.times.length > 1 &&
  panel.series.length > 0 &&
  // A gap would become a line to nowhere: those are ours to draw.
  panel.series.every(
    ({ values }) =>
      values.length === panel.times.length && values.every((value) => value !== null && Number.isFinite(value)),
  )

const KEPT = 24

/** Charts by blessed-contrib's line widget, drawn beside the screen and painted like everything else; small ones and those with gaps by our own. */
export const contribCharts = (line: typeof lineWidget, screen: Widgets.Screen): ChartMaker => {
  const kept = new Map<string, readonly Line[]>()
  const drawn = (panel: ChartPanel, width: number, height: number): readonly Line[] => {
    const chart = line({
      screen, width: width + 4, height: height + 1, minY: 0, maxY: scaleTop(panel), abbreviate: true, xPadding: 10, xLabelPadding: 8,
      numYLabels: Math.max(2, Math.floor(height / 4)), showLegend: false,
      style: { line: markOf('series1'), text: markOf('muted'), baseline: markOf('muted') },
    }) // biome-ignore format: options
    chart.emit('attach')
    const x = timesOf(panel)
    // The first series is the most important: it is drawn last and so lies on top.
    const series = panel.series.toReversed().map(({ name, tone, values }) => ({
      title: name,
      x,
      y: values.map((value) => value ?? 0),
      style: { line: markOf(tone) },
    }))
    chart.setData(series)
    const rows = chart.ctx._canvas
      .frame()
      .split('\n')
      .slice(0, height - 1)
    return [...rows.map(rowLine), legendLine(panel, width)]
  }
  return (panel, width, height) => {
    if (!suits(panel, width, height)) return chartLines(panel, width, height)
    const key = `${width} ${height} ${panel.max} ${panel.times[0]} ${panel.times.at(-1)} ${panel.series.map(({ name, tone, values }) => `${name} ${tone} ${values.join()}`).join(' ')}`
    const found = kept.get(key)
    if (found !== undefined) return found
    const lines = drawn(panel, width, height)
    if (kept.size >= KEPT) kept.clear()
    kept.set(key, lines)
    return lines
  }
}

/** Loaded when a chart may come, never for the first picture. Null where it is not installed: our own lines then. */
export const loadCharts = async (screen: Widgets.Screen): Promise<ChartMaker | null> => {
  // Its canvas uses an old way to make buffers; a warning about that would land in the picture.
  Object.assign(process, { noDeprecation: true })
  try {
    const { default: line } = await import('blessed-contrib/lib/widget/charts/line.js')
    return contribCharts(line, screen)
  } catch {
    return null
  }
}
