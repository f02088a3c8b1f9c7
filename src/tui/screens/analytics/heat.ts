import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { innerHeight, innerWidth } from '../../view/arrange.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import { count, money, tokens } from '../../view/numbers.ts'
import { textPanel } from '../../view/text-panel.ts'
import { type AnalyticsModel, MEASURE_WORDS, type Measure } from './model.ts'

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const SHADES = ['·', '░', '▒', '▓', '█']
const TONES: readonly Tone[] = ['muted', 'info', 'info', 'accent', 'accent']
const LABEL = 4
const SUM = 8

const shown = (value: number | null, measure: Measure): string =>
  measure === 'cost_microusd' ? money(value) : measure === 'messages' ? count(value) : tokens(value)

/** 0: nothing was used, 4: the busiest hour of the week. */
const shadeOf = (value: number | null, most: number): number =>
  value === null || value <= 0 || most <= 0 ? 0 : Math.max(1, Math.ceil((4 * value) / most))

const sumOf = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
}

/** Nothing counted on that weekday: no row of the ledger, which is not the same as a 0. */
const total = (sum: number | null, measure: Measure): Span =>
  sum === null ? span('—'.padStart(SUM), 'muted') : span(shown(sum, measure).padStart(SUM))

const hourLine = (cellWidth: number): Line => [
  span(' '.repeat(LABEL)),
  ...Array.from({ length: 24 }, (_, hour): Span => {
    // Every hour has a mark where three cells hold it, else every third.
    const marked = cellWidth >= 3 || hour % 3 === 0
    return span((marked ? String(hour).padStart(2, '0') : '').padEnd(cellWidth).slice(0, cellWidth), 'muted')
  }),
  span('     sum', 'muted'),
]

const dayLine = (model: AnalyticsModel, day: number, most: number, cellWidth: number): Line => {
  const values = model.week[day] ?? []
  const today = (model.now.getUTCDay() + 6) % 7 === day
  return [
    span((DAYS[day] ?? '').padEnd(LABEL), today ? 'accent' : 'muted'),
    ...values.map((value, hour): Span => {
      const shade = shadeOf(value, most)
      const now = today && model.now.getUTCHours() === hour
      const text = (SHADES[shade] ?? '█').repeat(Math.max(1, cellWidth - 1)).padEnd(cellWidth)
      return { ...span(text, TONES[shade] ?? 'accent'), ...(now ? { underline: true } : {}) }
    }),
    total(sumOf(values), model.measure),
  ]
}

const peakWords = (model: AnalyticsModel): Line => {
  let peak: { readonly day: number; readonly hour: number; readonly value: number } | null = null
  for (const [day, values] of model.week.entries())
    for (const [hour, value] of values.entries())
      if (value !== null && value > (peak?.value ?? 0)) peak = { day, hour, value }
  if (peak === null) return []
  return [
    span('busiest: ', 'muted'),
    span(`${DAYS[peak.day]} ${String(peak.hour).padStart(2, '0')}:00`, 'strong'),
    span(` UTC, ${shown(peak.value, model.measure)} ${MEASURE_WORDS[model.measure].toLowerCase()}   `, 'muted'),
    ...SHADES.map((shade, index) => span(`${shade} `, TONES[index] ?? 'muted')),
    span('from none to the busiest hour', 'muted'),
  ]
}

/** When the fleet works: hours of the week laid over one another, UTC. */
export const heatPanel = (model: AnalyticsModel, at: Rect, view: ScreenView): TextPanel => {
  const room = innerWidth(at) - LABEL - SUM
  const cellWidth = Math.max(1, Math.min(4, Math.floor(room / 24)))
  const most = Math.max(0, ...model.week.flat().map((value) => value ?? 0))
  const rows = [
    hourLine(cellWidth),
    ...DAYS.map((_, day) => dayLine(model, day, most, cellWidth)),
    ...(innerHeight(at) > 9 ? [[], peakWords(model)] : innerHeight(at) > 8 ? [peakWords(model)] : []),
  ]
  return textPanel({
    id: 'heat',
    title: `${MEASURE_WORDS[model.measure]} by hour and weekday, ${model.weeks} weeks, UTC`,
    at,
    answer: view.answers.week,
    empty: {
      why: 'No tokens were counted in these weeks.',
      fill: 'They are read from the transcripts of the agents: vc doctor says what vc cannot see.',
    },
    lines: most > 0 ? rows : [],
  })
}
