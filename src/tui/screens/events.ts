import type { Panel, Size } from '../panel.ts'
import { defineScreen, type ScreenKey, type ScreenView, type Wish } from '../screen.ts'
import { beside, stack, whole } from '../view/arrange.ts'
import { chosenRow } from '../view/chosen-row.ts'
import {
  after,
  type EventLine,
  type EventsModel,
  eventsAsks,
  eventsModel,
  KINDS,
  kindOf,
  leastOf,
  SEVERITIES,
} from './events/model.ts'
import { streamPanel } from './events/stream.ts'
import { destinationsPanel, rulesPanel, suspectsPanel } from './events/watchers.ts'

const WIDE = 120
const TALL = 26

const panels = (model: EventsModel, size: Size, view: ScreenView): readonly Panel[] => {
  const area = whole(size)
  if (size.columns < WIDE && size.rows < TALL) return [streamPanel(model, area, view)]
  const [top = area, bottom = area] = stack(area, { part: 1, least: 8 }, Math.max(7, Math.floor(size.rows / 4)))
  const [first = area, second = area, third = area] =
    size.columns >= WIDE
      ? beside(bottom, { part: 4 }, { part: 3 }, { part: 3 })
      : beside(bottom, { part: 1 }, { part: 1 }, 0)
  return [
    streamPanel(model, top, view),
    rulesPanel(model, first, view),
    destinationsPanel(model, second, view),
    ...(third.width > 0 ? [suspectsPanel(model, third, view)] : []),
  ]
}

const chosen = (model: EventsModel, view: ScreenView): EventLine | null => {
  const id = chosenRow(
    view,
    'events',
    model.events.map(({ key }) => key),
  )
  return model.events.find(({ key }) => key === id) ?? null
}

const alertOf = (model: EventsModel, view: ScreenView): string | null => {
  const event = chosen(model, view)
  return event?.type === 'alert' ? event.subject : null
}

const notAnAlert = (model: EventsModel, view: ScreenView): string | null =>
  view.at !== null
    ? 'the past is replayed: nothing can be done there'
    : alertOf(model, view) === null
      ? 'the chosen event is no alert'
      : null

const onAlert = (key: string, says: string, argvOf: (alert: string) => readonly string[]): ScreenKey<EventsModel> => ({
  keys: [key],
  says,
  blockedBy: notAnAlert,
  act: (model, view) => {
    const alert = alertOf(model, view)
    return alert === null ? null : { wish: 'run', argv: argvOf(alert), title: says }
  },
})

const detail = (event: EventLine): Wish => ({
  wish: 'detail',
  title: `${event.type.replaceAll('_', ' ')}: ${event.subject}`,
  text: [
    event.text,
    `${event.ts}, ${event.severity}, became ${event.change.replaceAll('_', ' ')}, ${event.machine ?? 'the fleet'}`,
    ...(event.data === undefined ? [] : [JSON.stringify(event.data, null, 2)]),
    ...(event.type === 'alert' ? [`more: vc alert show ${event.subject}`] : []),
  ].join('\n'),
})

/** Everything that changed, as a stream that can be narrowed, and what the guards of the machines saw. */
export const events = defineScreen<EventsModel>({
  id: 'events',
  key: '8',
  title: 'Events',
  about:
    'The stream of changes, narrowed by type, severity and text; refused commands, connections, suspect processes.',
  asks: eventsAsks,
  model: eventsModel,
  panels,
  keys: [
    {
      keys: ['s'],
      says: 'next type',
      act: (_model, view) => ({ wish: 'option', name: 'events.kind', value: after(KINDS, kindOf(view)) }),
    },
    {
      keys: ['S'],
      says: 'type before',
      act: (_model, view) => ({ wish: 'option', name: 'events.kind', value: after(KINDS, kindOf(view), -1) }),
    },
    {
      keys: ['w'],
      says: 'least severity',
      act: (_model, view) => ({ wish: 'option', name: 'events.least', value: after(SEVERITIES, leastOf(view)) }),
    },
    onAlert('a', 'acknowledge the alert', (alert) => ['alert', 'ack', alert]),
    onAlert('m', 'mute the alert for 1 h', (alert) => ['alert', 'silence', alert, '--for', '1h']),
    onAlert('x', 'close the alert', (alert) => ['alert', 'close', alert]),
    {
      keys: ['p'],
      says: 'replay that moment',
      blockedBy: (model, view) => (chosen(model, view) === null ? 'there is no event' : null),
      act: (model, view) => ({ wish: 'replay', at: chosen(model, view)?.ts ?? null }),
    },
  ],
  open: (panel, row, model) => {
    if (panel !== 'events') return null
    const event = model.events.find(({ key }) => key === row)
    if (event === undefined) return null
    if (event.type === 'agent_state') return { wish: 'go', screen: 'agents', chosen: { agents: event.subject } }
    if (event.type === 'machine' && event.machine !== null)
      return { wish: 'go', screen: 'machine', chosen: { machines: event.machine } }
    return detail(event)
  },
})
