import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { beads as screen } from '../../../src/tui/screens/beads.ts'
import { enter, press, rowIds, typed } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'
import { answered } from './snapshot.ts'

const beads = screen as unknown as Screen

holdsScreen(beads)

const view = recordedView('beads')

test('every bead stands in one lane; work that only a convoy knows too', () => {
  const lanes = ['backlog', 'hooked', 'progress', 'review', 'done'].map((lane) => rowIds(beads, view, lane))
  expect(lanes.map((ids) => ids.length)).toEqual([9, 1, 1, 0, 2])
  expect(lanes[1]?.[0]).toContain('tk-7')
  expect(new Set(lanes.flat()).size).toBe(13)
})

test('a status of review or a hook moves a bead to its lane', () => {
  const moved = recordedView('beads', (data, as) => {
    const text = JSON.stringify(data)
    const changed = as === 'beads' ? text.replace('"status":"in_progress"', '"status":"in_review"') : text
    return answered(JSON.parse(changed))
  })
  expect(rowIds(beads, moved, 'review').join()).toContain('lim-a1')
  const hooked = recordedView('beads', (data, as) => {
    if (as !== 'convoys') return answered(data)
    const town = data as { roles: { hook: string | null }[] }
    return answered({ ...town, roles: town.roles.map((role) => ({ ...role, hook: 'lim-d4' })) })
  })
  expect(rowIds(beads, hooked, 'hooked').join()).toContain('lim-d4')
})

test('Enter tells what a bead waits on; of a convoy its work', () => {
  const blocked = rowIds(beads, view, 'backlog').find((id) => id.endsWith('lim-b2')) ?? ''
  expect(enter(beads, view, 'backlog', blocked)).toMatchObject({
    wish: 'detail',
    text: expect.stringContaining('waits on lim-a1'),
  })
  const convoy = rowIds(beads, view, 'convoys')[0] ?? ''
  expect(enter(beads, view, 'convoys', convoy)).toMatchObject({ text: expect.stringMatching(/tk-7 {2}hooked/) })
})

test('p asks for one project and shows all again', () => {
  expect(typed(press(beads, view, 'p'), ' limits ')).toEqual({
    wish: 'go',
    screen: 'beads',
    filter: { repo: 'limits' },
  })
  const one = recordedView('beads', null, { filter: { ...view.filter, repo: 'limits' } })
  expect(press(beads, one, 'p')).toEqual({ wish: 'go', screen: 'beads', filter: { repo: null } })
})
