import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { innerWidth } from '../../view/arrange.ts'
import { clip } from '../../view/cell.ts'
import { type Line, span } from '../../view/line.ts'
import { percent, UNKNOWN } from '../../view/numbers.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled, wrappedLines } from '../../view/wrapped.ts'
import { type AccountsModel, nameOf, type PastError, type Recommendation } from './model.ts'

const useLines = ({ provider, use, why }: Recommendation, width: number): readonly Line[] => {
  if (use === null)
    return [
      [span(`${clip(provider, 14)}: `, 'strong'), span('no account to go to', 'bad')],
      ...wrappedLines(why ?? UNKNOWN, width, 'muted'),
    ]
  return [
    [
      span(`${clip(provider, 14)}: `, 'strong'),
      span(clip(nameOf(use), 40), 'good'),
      span(` ${use.headroom_pct === null ? 'head-room unknown' : `${percent(use.headroom_pct)} free`}`, 'muted'),
    ],
    ...(use.command === null
      ? labelled('  switch', use.why_no_command ?? UNKNOWN, width, 'muted')
      : labelled('  switch', `on ${use.machine ?? UNKNOWN}: ${use.command}`, width, 'info')),
    ...use.reasons.flatMap((reason) => labelled('  because', reason, width, 'muted')),
  ]
}

const otherLines = ({ others }: Recommendation, width: number): readonly Line[] =>
  others.flatMap((one) =>
    labelled(
      one.usable ? '  else' : '  not',
      `${nameOf(one)}: ${one.headroom_pct === null ? 'head-room unknown' : `${percent(one.headroom_pct)} free`}${one.usable ? '' : `, ${one.reasons[0] ?? UNKNOWN}`}`,
      width,
      'muted',
    ),
  )

const WORDS: Readonly<Record<string, string>> = { limit: 'limits', disk_full: 'disks', memory_full: 'memory' }

/** How right forecasts of one kind were; nothing scored says so. */
const errorLine = (one: PastError): Line => [
  span(`  ${clip(WORDS[one.kind] ?? one.kind.replaceAll('_', ' '), 18).padEnd(19)}`, 'muted'),
  one.median_relative_error === null
    ? span(`not comparable yet (${one.scored} scored)`, 'unknown')
    : span(`median error ${percent(one.median_relative_error * 100)}`),
  span(one.p90_relative_error === null ? '' : `, 9 of 10 within ${percent(one.p90_relative_error * 100)}`, 'muted'),
  span(one.coverage_80 === null ? '' : `, bands held ${percent(one.coverage_80 * 100)}`, 'muted'),
]

/** Which account to go on with, by provider, and how far to believe the forecasts. */
export const advicePanel = (model: AccountsModel, at: Rect, view: ScreenView): TextPanel => {
  const width = innerWidth(at)
  const errors: readonly Line[] =
    model.pastErrors.length === 0
      ? [[span('  none has reached its horizon yet', 'unknown')]]
      : model.pastErrors.map(errorLine)
  return textPanel({
    id: 'advice',
    title: 'Which account next',
    at,
    answer: view.answers.accounts,
    empty: {
      why: 'There is no account to choose from.',
      fill: 'Logins that caam keeps, and accounts that agents use, come here.',
    },
    lines:
      model.recommendations.length === 0
        ? []
        : [
            ...model.recommendations.flatMap((one) => [...useLines(one, width), ...otherLines(one, width)]),
            [span('how right forecasts of the last 30 days were', 'muted')],
            ...errors,
          ],
  })
}
