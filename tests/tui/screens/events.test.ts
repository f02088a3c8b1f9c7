import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { events as screen } from '../../../src/tui/screens/events.ts'
import { enter, press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'

const events = screen as unknown as Screen

holdsScreen(events)

const view = recordedView('events')
const chosenAt = (test: (id: string) => boolean, more = {}) => {
  const id = rowIds(events, view, 'events').find(test) ?? ''
  return recordedView('events', null, { chosen: { events: id }, ...more })
}

test('the newest stands first and every row has an id of its own', () => {
  const ids = rowIds(events, view, 'events')
  expect(new Set(ids).size).toBe(ids.length)
  expect([...ids].sort().reverse()[0]?.slice(0, 20)).toBe(ids[0]?.slice(0, 20))
})

test('type and severity go round and reach the question', () => {
  expect(press(events, view, 's')).toEqual({ wish: 'option', name: 'events.kind', value: 'alert' })
  expect(press(events, view, 'S')).toMatchObject({ value: 'collector_status' })
  const narrowed = recordedView('events', null, { options: { 'events.kind': 'guard', 'events.least': 'warning' } })
  expect(events.asks(narrowed)[0]?.params).toMatchObject({
    type: 'guard',
    severity: 'warning',
    since: '24h',
    tail: true,
  })
  expect(press(events, narrowed, 'w')).toMatchObject({ value: 'critical' })
})

test('a alone on an alert acknowledges it, and nothing can be done in the past', () => {
  const onAlert = chosenAt((id) => id.includes(' alert disk_low:borg:/'))
  expect(press(events, onAlert, 'a')).toMatchObject({ wish: 'run', argv: ['alert', 'ack', 'disk_low:borg:/'] })
  expect(press(events, onAlert, 'm')).toMatchObject({ argv: ['alert', 'silence', 'disk_low:borg:/', '--for', '1h'] })
  expect(() =>
    press(
      events,
      chosenAt((id) => id.includes(' guard ')),
      'a',
    ),
  ).toThrow('the chosen event is no alert')
  const past = chosenAt((id) => id.includes(' alert '), { at: view.now })
  expect(() => press(events, past, 'a')).toThrow(/the past is replayed/)
})

test('Enter on a state leads to its agent, p replays the moment', () => {
  const id = rowIds(events, view, 'events').find((one) => one.includes(' agent_state borg/claude-lgxh')) ?? ''
  expect(enter(events, view, 'events', id)).toEqual({
    wish: 'go',
    screen: 'agents',
    chosen: { agents: 'borg/claude-lgxh' },
  })
  expect(press(events, recordedView('events', null, { chosen: { events: id } }), 'p')).toEqual({
    wish: 'replay',
    at: id.split(' ')[0],
  })
})
