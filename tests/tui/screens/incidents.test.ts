import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { incidents as screen } from '../../../src/tui/screens/incidents.ts'
import { enter, press, rowIds, typed } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'

const incidents = screen as unknown as Screen

holdsScreen(incidents)

const view = recordedView('incidents')
const past = (at: string) => recordedView('incidents', null, { at: new Date(at), now: new Date(at), clock: view.now })

test('Enter on an event puts the whole cockpit at its moment; < and > step', () => {
  const ids = rowIds(incidents, view, 'timeline')
  const first = ids[0] ?? ''
  const at = first.split(' ')[0] ?? ''
  expect(enter(incidents, view, 'timeline', first)).toEqual({ wish: 'replay', at })
  const next = ids.map((id) => id.split(' ')[0] ?? '').find((ts) => ts > at)
  expect(press(incidents, past(at), '>')).toEqual({ wish: 'replay', at: next })
  expect(press(incidents, past(next ?? ''), '<')).toEqual({ wish: 'replay', at })
})

test('before the first event lies the half hour that led there, after the last lies now', () => {
  const opened = rowIds(incidents, view, 'incidents')[0] ?? ''
  const began = enter(incidents, view, 'incidents', opened)
  const beganAt = began?.wish === 'replay' ? (began.at ?? '') : ''
  const earliest = new Date(Date.parse(beganAt) - 30 * 60_000).toISOString()
  expect(press(incidents, past(earliest), '<')).toEqual({ wish: 'replay', at: earliest })
  expect(press(incidents, view, '>')).toEqual({ wish: 'replay', at: null })
})

test('its questions are about now, whatever is replayed', () => {
  expect(incidents.asks(view).map(({ present, as }) => [as, present])).toEqual([
    ['incidents', true],
    ['detail', true],
  ])
})

test('a note and the reason of a close are asked for; nothing is written in the past', () => {
  const id = rowIds(incidents, view, 'incidents')[0]
  expect(typed(press(incidents, view, 'w'), ' disk swapped ')).toMatchObject({
    argv: ['incident', 'note', '--', id, 'disk swapped'],
  })
  expect(typed(press(incidents, view, 'w'), ' ')).toMatchObject({ wish: 'detail' })
  expect(typed(press(incidents, view, 'x'), '')).toMatchObject({ argv: ['incident', 'close', '--', id] })
  expect(typed(press(incidents, view, 'o'), 'slow builds')).toMatchObject({
    argv: ['incident', 'open', '--', 'slow builds'],
  })
  expect(() => press(incidents, past('2026-11-21T06:00:00Z'), 'w')).toThrow(/the past is replayed/)
})
