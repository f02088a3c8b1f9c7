import { limitName } from '../../../core/limit-name.ts'
import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { untilWords } from '../../view/age.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { cell, clip } from '../../view/cell.ts'
import { type Line, span, type Tone } from '../../view/line.ts'
import { minutesWords } from '../../view/minutes.ts'
import { percent } from '../../view/numbers.ts'
import type { Forecast, OverviewModel } from './model.ts'

type Limit = Forecast['limits'][number]

const NAME = 22

const row = (name: string, what: string, tone: Tone, rest: string, width: number): Line => [
  span(`${cell(name, Math.min(NAME, Math.floor(width / 2)))} `),
  span(what, tone),
  span(rest === '' ? '' : `  ${clip(rest, width)}`, 'muted'),
]

const limitLine = (one: Limit, now: Date, width: number): Line => {
  const name = `${one.label ?? one.account} ${limitName(one.provider, one.limit_id, one.window)}`
  if (one.outlook === 'hit')
    return row(
      name,
      'used up',
      'bad',
      one.resets_at === null ? '' : `resets ${untilWords(Date.parse(one.resets_at), now.getTime())}`,
      width,
    )
  const band = one.interval === null ? '' : `${minutesWords(one.interval.low)}–${minutesWords(one.interval.high)}`
  const risk = one.probability_before_reset
  const tone: Tone = risk === null ? 'plain' : risk >= 0.7 ? 'bad' : risk >= 0.3 ? 'warn' : 'good'
  const said = `full in ${minutesWords(one.minutes_to_limit)}`
  return row(
    name,
    said,
    tone,
    [band, risk === null ? '' : `${percent(risk * 100)} before reset`, one.action.replaceAll('_', ' ')]
      .filter(Boolean)
      .join('  '),
    width,
  )
}

/** Forecasts that say something: limits in sight or hit, disks that fill, agents that get stuck. */
const linesOf = (forecast: Forecast, view: ScreenView, width: number): readonly Line[] => {
  const now = view.at ?? view.now
  const ofMachine = (machine: string): boolean => view.filter.machine === null || machine === view.filter.machine
  const ofProvider = (provider: string): boolean => view.filter.provider === null || provider === view.filter.provider
  return [
    ...forecast.limits
      .filter((one) => ofProvider(one.provider) && (one.outlook === 'hit' || one.outlook === 'forecast'))
      .map((one) => limitLine(one, now, width)),
    ...forecast.capacity
      .filter((one) => ofMachine(one.machine))
      .map((one) =>
        row(`${one.machine} ${one.subject}`, `full in ${minutesWords(one.minutes_to_full)}`, 'warn', one.action, width),
      ),
    ...forecast.stuck
      .filter((one) => ofMachine(one.machine))
      .map((one) =>
        row(
          one.agent,
          `${percent(one.probability * 100)} ${one.kind.replaceAll('_', ' ')}`,
          one.probability >= 0.7 ? 'bad' : 'warn',
          one.indicators.join(', '),
          width,
        ),
      ),
  ]
}

/** How right they were, beside the title. */
const pastWords = (forecast: Forecast | null): string => {
  const known = forecast?.past_errors.reduce((sum, one) => sum + one.known, 0) ?? 0
  const limits = forecast?.past_errors.find((one) => one.kind === 'limit')?.median_relative_error ?? null
  if (known === 0) return 'not scored yet'
  return limits === null ? `${known} scored` : `median error ${percent(limits * 100)} of ${known}`
}

export const predictionsPanel = (model: OverviewModel, at: Rect, view: ScreenView): TextPanel => {
  const answer = view.answers.forecast
  const stand = standing(answer, 45_000)
  const watched = model.forecast?.limits.length ?? 0
  return {
    kind: 'text',
    id: 'predictions',
    title: 'Predictions',
    at,
    ...stand,
    note:
      stand.note.length > 0 ? stand.note : model.forecast === null ? [] : [span(pastWords(model.forecast), 'muted')],
    empty: emptyWords(answer, {
      why: `Nothing runs out in sight: ${watched} windows are watched.`,
      fill: 'A forecast needs three different values of a window, a disk or a memory.',
    }),
    lines: model.forecast === null ? [] : linesOf(model.forecast, view, innerWidth(at)),
  }
}
