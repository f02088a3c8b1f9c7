import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { repos as screen } from '../../../src/tui/screens/repos.ts'
import { enter, press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'

const repos = screen as unknown as Screen

holdsScreen(repos)

const view = recordedView('repos')
const filtered = (filter: Partial<typeof view.filter>, options = {}) =>
  recordedView('repos', null, { filter: { ...view.filter, ...filter }, options })

test('what wants a look stands first: missing, then unpushed, then clean', () => {
  const ids = rowIds(repos, view, 'repos')
  expect(ids[0]).toBe('borg /srv/code/archive')
  expect(ids.slice(-2)).toEqual(['atlas /srv/code/billing', 'borg /srv/code/tickets'])
})

test('machine, repository and text narrow the list; d leaves what is not clean', () => {
  expect(rowIds(repos, filtered({ machine: 'cygnus' }), 'repos')).toHaveLength(4)
  expect(rowIds(repos, filtered({ repo: 'limits' }), 'repos')).toEqual(['atlas /srv/code/limits'])
  expect(rowIds(repos, filtered({ text: 'FUZZ' }), 'repos')).toEqual(['cygnus /srv/code/fuzzer'])
  expect(press(repos, view, 'd')).toEqual({ wish: 'option', name: 'repos.only', value: 'open' })
  expect(rowIds(repos, filtered({}, { 'repos.only': 'open' }), 'repos')).toHaveLength(10)
})

test('Enter goes down to the agents that work in it, e to its events, b to its beads', () => {
  expect(enter(repos, view, 'repos', 'atlas /srv/code/limits')).toEqual({
    wish: 'go',
    screen: 'agents',
    filter: { repo: 'limits', machine: 'atlas' },
  })
  const chosen = recordedView('repos', null, { chosen: { repos: 'atlas /srv/code/limits' } })
  expect(press(repos, chosen, 'b')).toMatchObject({ screen: 'beads', filter: { repo: 'limits' } })
  expect(press(repos, chosen, 'e')).toMatchObject({ screen: 'events', filter: { text: '/srv/code/limits' } })
  expect(() => press(repos, filtered({ text: 'nothing is called so' }), 'b')).toThrow('there is no checkout')
})
