import type { Rect, TextPanel } from '../../panel.ts'
import type { ScreenView, Wish } from '../../screen.ts'
import { clock } from '../../view/age.ts'
import { emptyWords } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import { type Line, type Span, span, type Tone } from '../../view/line.ts'
import type { IncidentsModel } from './model.ts'

const CLOCKS = 14
const SEVERITY: Readonly<Record<string, { readonly sign: string; readonly tone: Tone; readonly rank: number }>> = {
  critical: { sign: '▲', tone: 'bad', rank: 3 },
  warning: { sign: '▲', tone: 'warn', rank: 2 },
  info: { sign: '·', tone: 'info', rank: 1 },
}

/** The track of the slider: what happened when, and where the replay stands. */
const track = (model: IncidentsModel, width: number): readonly Span[] => {
  const { span: whole, atMs } = model
  if (whole === null || width < 2) return []
  const column = (ms: number): number =>
    Math.round(((ms - whole.fromMs) / Math.max(1, whole.toMs - whole.fromMs)) * (width - 1))
  const cells: Span[] = Array.from({ length: width }, () => span('─', 'muted'))
  const ranks = new Map<number, number>()
  for (const event of model.timeline) {
    const at = column(Date.parse(event.ts))
    const mark = SEVERITY[event.severity]
    if (mark === undefined || at < 0 || at >= width || (ranks.get(at) ?? 0) >= mark.rank) continue
    ranks.set(at, mark.rank)
    cells[at] = span(mark.sign, mark.tone)
  }
  const here = atMs === null ? null : column(atMs)
  if (here !== null && here >= 0 && here < width) cells[here] = { text: '●', tone: 'accent', inverse: true }
  return cells
}

const replayWords = ({ atMs, span: whole }: IncidentsModel): Line => {
  if (atMs === null) return [span('now', 'good'), span('   < > step by events, Enter on an event goes there', 'muted')]
  const outside = whole !== null && (atMs < whole.fromMs || atMs > whole.toMs)
  return [
    span('the whole cockpit shows ', 'plain'),
    span(new Date(atMs).toISOString().slice(0, 19).replace('T', ' '), 'stale'),
    span(` UTC${outside ? ', outside of this incident' : ''}   < > step by events`, 'muted'),
  ]
}

/** A moment of the incident to put the whole cockpit at. */
export const sliderPanel = (model: IncidentsModel, at: Rect, view: ScreenView): TextPanel => {
  const { span: whole } = model
  const width = innerWidth(at)
  return {
    kind: 'text',
    id: 'slider',
    title: 'Replay',
    at,
    empty: emptyWords(view.answers.incidents, {
      why: 'No incident to replay.',
      fill: 'The slider puts every screen at a past moment; T asks for any moment.',
    }),
    lines:
      whole === null
        ? []
        : [
            [
              span(`${clock(new Date(whole.fromMs).toISOString())} `, 'muted'),
              ...track(model, Math.max(0, width - CLOCKS)),
              span(` ${clock(new Date(whole.toMs).toISOString())}`, 'muted'),
            ],
            replayWords(model),
          ],
  }
}

/** To the event before or after the moment that is shown. */
export const stepEvent = (model: IncidentsModel, step: 1 | -1): Wish | null => {
  const { span: whole } = model
  if (whole === null) return null
  const here = model.atMs ?? whole.toMs
  const times = model.timeline.map(({ ts }) => Date.parse(ts))
  const to = step > 0 ? times.find((ms) => ms > here) : times.findLast((ms) => ms < here)
  if (to === undefined)
    return step > 0 ? { wish: 'replay', at: null } : { wish: 'replay', at: new Date(whole.fromMs).toISOString() }
  return { wish: 'replay', at: new Date(to).toISOString() }
}
