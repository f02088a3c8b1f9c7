import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenKey, type ScreenView } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { type IncidentsModel, incidentsAsks, incidentsModel, wantsClosed } from './incidents/model.ts'
import { sliderPanel, stepEvent } from './incidents/slider.ts'
import { evidenceDetail, incidentsPanel, storyPanel, timelinePanel } from './incidents/story.ts'

const WIDE = 120

const panels = (model: IncidentsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  const [top = area, slider = area, below = area] = stack(
    area,
    Math.max(5, Math.min(14, Math.floor(size.rows / 4))),
    4,
    { part: 1, least: 6 },
  )
  const [timeline = below, story = below] =
    size.columns >= WIDE
      ? beside(below, { part: 1 }, { part: 1 })
      : stack(below, { part: 3, least: 4 }, { part: 2, least: 4 })
  return [
    incidentsPanel(model, top, view),
    timelinePanel(model, timeline, view),
    sliderPanel(model, slider, view),
    storyPanel(model, story, view),
  ]
}

const none = (model: IncidentsModel): string | null => (model.chosen === null ? 'no incident is chosen' : null)
const notNow = (model: IncidentsModel, view: ScreenView): string | null =>
  view.at === null ? none(model) : 'the past is replayed: nothing can be done there'

const step = (key: string, says: string, act: ScreenKey<IncidentsModel>['act']): ScreenKey<IncidentsModel> => ({
  keys: [key],
  says,
  blockedBy: none,
  act,
})

const written = (
  key: string,
  says: string,
  argvOf: (id: string, line: string) => readonly string[] | null,
): ScreenKey<IncidentsModel> => ({
  keys: [key],
  says,
  blockedBy: notNow,
  act: (model) => {
    const id = model.chosen?.incident
    if (id === undefined) return null
    return {
      wish: 'prompt',
      title: says,
      // biome-ignore lint/suspicious/noThenProperty: a wish is data, nobody awaits it
      then: (line) => {
        const argv = argvOf(id, line.trim())
        return argv === null
          ? { wish: 'detail', title: says, text: 'Nothing was written: the line is empty.' }
          : { wish: 'run', argv, title: says }
      },
    }
  },
})

/** Troubles that were more than one alert, with their timeline, causes and notes; and the cockpit as it stood then. */
export const incidents = defineScreen<IncidentsModel>({
  id: 'incidents',
  key: 'i',
  title: 'Incidents',
  about: 'What happened, what may have caused it, what people noted; the slider replays it on every screen.',
  asks: incidentsAsks,
  model: incidentsModel,
  panels,
  keys: [
    step('<', 'replay the event before', (model) => stepEvent(model, -1)),
    step('>', 'replay the event after', (model) => stepEvent(model, 1)),
    {
      keys: ['o'],
      says: 'open one by hand',
      blockedBy: (_model, view) => (view.at === null ? null : 'the past is replayed: nothing can be done there'),
      act: (_model, view) => ({
        wish: 'prompt',
        title: 'What is going on',
        // biome-ignore lint/suspicious/noThenProperty: a wish is data, nobody awaits it
        then: (line) =>
          line.trim() === ''
            ? { wish: 'detail', title: 'No incident', text: 'Nothing was opened: the line is empty.' }
            : {
                wish: 'run',
                argv: [
                  'incident',
                  'open',
                  ...(view.filter.machine === null ? [] : ['-m', view.filter.machine]),
                  '--',
                  line.trim(),
                ],
                title: 'Open an incident',
              },
      }),
    },
    written('w', 'write a note', (id, line) => (line === '' ? null : ['incident', 'note', '--', id, line])),
    written('x', 'close it (why)', (id, line) => ['incident', 'close', '--', id, ...(line === '' ? [] : [line])]),
    {
      keys: ['s'],
      says: 'closed ones too, or not',
      act: (_model, view) => ({ wish: 'option', name: 'incidents.all', value: wantsClosed(view) ? 'no' : 'yes' }),
    },
    {
      keys: ['e'],
      says: 'evidence of its alerts',
      blockedBy: (model) => (model.detail === null ? 'nothing is known of it yet' : null),
      act: (model) => (model.detail === null ? null : evidenceDetail(model.detail)),
    },
  ],
  open: (panel, row, model) => {
    if (panel === 'timeline') {
      const event = model.timeline.find(({ key }) => key === row)
      return event === undefined ? null : { wish: 'replay', at: event.ts }
    }
    return panel === 'incidents' && model.span !== null
      ? { wish: 'replay', at: model.incidents.find(({ incident }) => incident === row)?.opened_at ?? null }
      : null
  },
})
