import type { ListPanel, Rect } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, clock, dayClock, secondsSince } from '../../view/age.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, span, type Tone } from '../../view/line.ts'
import { severitySign } from '../../view/state-sign.ts'
import { tablePanel } from '../../view/table-panel.ts'
import type { EventLine, EventsModel } from './model.ts'

const TONES: Readonly<Record<EventLine['severity'], Tone>> = { critical: 'bad', warning: 'warn', info: 'plain' }

const DAY_S = 86_400

const columnsAt = (now: Date): readonly Column<EventLine>[] => [
  { head: ' ', of: (event) => severitySign(event.severity), keep: 1000 },
  {
    head: 'UTC',
    of: (event) => span((secondsSince(event.ts, now) ?? 0) > DAY_S ? dayClock(event.ts) : clock(event.ts), 'muted'),
    keep: 95,
  },
  { head: 'AGE', align: 'right', of: (event) => span(ageWords(secondsSince(event.ts, now)), 'muted'), keep: 40 },
  { head: 'TYPE', of: (event) => span(event.type.replaceAll('_', ' '), 'info'), least: 5, most: 16, keep: 70 },
  { head: 'MACHINE', of: (event) => event.machine ?? span('fleet', 'muted'), least: 5, most: 14, keep: 80 },
  { head: 'WHAT', of: (event) => span(event.text, TONES[event.severity]), least: 20, keep: 1000 },
  { head: 'BECAME', of: (event) => span(event.change.replaceAll('_', ' '), 'muted'), least: 6, most: 18, keep: 20 },
]

const narrowed = (model: EventsModel): Line => [
  span(
    `${model.kind === 'all' ? 'every type' : model.kind.replaceAll('_', ' ')}`,
    model.kind === 'all' ? 'muted' : 'accent',
  ),
  span(model.least === 'info' ? '' : `, ${model.least} at least`, 'accent'),
  span(` ${model.events.length}${model.more ? '+' : ''}`, 'muted'),
]

const KINDS_EMPTY: Readonly<Record<string, string>> = {
  guard: 'dcg keeps a log of refused commands where it is installed as a hook.',
  network: 'There is data only for the time somebody ran rano.',
  process: 'Process triage (pt) looks where it is installed.',
}

/** Changes of the fleet, newest first. */
export const streamPanel = (model: EventsModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'events',
    title: `Events of ${view.filter.hours} h`,
    at,
    answer: view.answers.events,
    rows: model.events,
    idOf: ({ key }) => key,
    columns: columnsAt(model.now),
    all: model.all,
    what: 'events',
    empty: {
      why: `Nothing of this kind happened in the last ${view.filter.hours} h.`,
      fill:
        KINDS_EMPTY[model.kind] ?? 'Alerts, states of agents, refused commands and forecasts come here as they change.',
    },
    note: narrowed(model),
  })
