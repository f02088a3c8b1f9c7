import type { ChartPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { span } from '../../view/line.ts'
import { tokens } from '../../view/numbers.ts'
import { hourlyTokens } from './fleet.ts'
import type { OverviewModel } from './model.ts'

/** Tokens per hour over the last day. */
export const velocityPanel = (model: OverviewModel, at: Rect, view: ScreenView): ChartPanel => {
  const answer = view.answers.hourly
  const { times, values, soFar } = hourlyTokens(model.hourly, view.at ?? view.now)
  const stand = standing(answer, 180_000)
  return {
    kind: 'chart',
    id: 'velocity',
    title: view.filter.machine === null ? 'Token velocity, 24 h' : 'Token velocity of all machines, 24 h',
    at,
    ...stand,
    note: stand.note.length > 0 || soFar === null ? stand.note : [span(`this hour so far ${tokens(soFar)}`, 'muted')],
    empty: emptyWords(answer, {
      why: 'No tokens were counted.',
      fill: 'They are read from the transcripts of the agents: vc doctor says what vc cannot see.',
    }),
    unit: 'tokens/h',
    times,
    series: [{ name: 'tokens per hour', tone: 'series1', values }],
  }
}
