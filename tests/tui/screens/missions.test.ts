import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { missions as screen } from '../../../src/tui/screens/missions.ts'
import { enter, press, rowIds, typed } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'

const missions = screen as unknown as Screen

holdsScreen(missions)

const view = recordedView('missions')
const at = (mission: string, more = {}) => recordedView('missions', null, { chosen: { missions: mission }, ...more })

test('a mission that runs can be cancelled with a reason, and is not tried again', () => {
  expect(typed(press(missions, at('m-1'), 'x'), ' not needed ')).toMatchObject({
    wish: 'run',
    argv: ['mission', 'cancel', 'm-1', '--reason', 'not needed'],
  })
  expect(typed(press(missions, at('m-1'), 'x'), '')).toMatchObject({ argv: ['mission', 'cancel', 'm-1'] })
  expect(() => press(missions, at('m-1'), 'u')).toThrow('it has not failed')
})

test('a line becomes a mission, an empty one does not, and the past takes none', () => {
  expect(typed(press(missions, view, '+'), '--help')).toMatchObject({ argv: ['mission', 'add', '--', '--help'] })
  expect(typed(press(missions, view, '+'), '  ')).toMatchObject({ wish: 'detail' })
  expect(() => press(missions, at('m-1', { at: view.now }), '+')).toThrow(/the past is replayed/)
})

test('Enter leads to the agent that holds it; the chosen one is asked for with its texts', () => {
  expect(enter(missions, view, 'missions', 'm-1')).toEqual({
    wish: 'go',
    screen: 'agents',
    chosen: { agents: 'atlas/claude-b6mo' },
  })
  expect(enter(missions, view, 'missions', 'm-2')).toBeNull()
  expect(missions.asks(at('m-2'))[1]?.params).toEqual({ id: 'm-2', limit: 1 })
  const narrowed = recordedView('missions', null, { filter: { ...view.filter, text: 'review' } })
  expect(rowIds(missions, narrowed, 'missions')).toEqual(['m-2'])
})
