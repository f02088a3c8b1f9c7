import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { costs as screen } from '../../../src/tui/screens/costs.ts'
import { enter, press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'
import { answered } from './snapshot.ts'

const costs = screen as unknown as Screen

holdsScreen(costs)

const view = recordedView('costs')

test('s and w go round what money is counted by and over which time', () => {
  expect(press(costs, view, 's')).toEqual({ wish: 'option', name: 'costs.by', value: 'project' })
  expect(press(costs, view, 'w')).toEqual({ wish: 'option', name: 'costs.period', value: 'month' })
  const byProject = recordedView('costs', null, { options: { 'costs.by': 'project', 'costs.period': 'month' } })
  expect(rowIds(costs, byProject, 'groups')).toHaveLength(11)
  expect(costs.asks(byProject)[0]?.params).toEqual({ period: 'month' })
})

test('what has no price, and money that nobody is known for, is said and not left out', () => {
  const unpriced = recordedView(
    'costs',
    (data) => answered(JSON.parse(JSON.stringify(data).replaceAll('"unpriced_tokens":0', '"unpriced_tokens":1200'))),
    {
      options: { 'costs.by': 'account' },
    },
  )
  const panels = costs.panels(costs.model(unpriced), { columns: 160, rows: 45 }, unpriced)
  const text = JSON.stringify(panels)
  expect(text).toContain('1.2k of them without a price')
  expect(rowIds(costs, unpriced, 'groups')).toEqual(['(not known)'])
})

test('a billing window leads to its account', () => {
  const id = rowIds(costs, view, 'windows')[0] ?? ''
  expect(enter(costs, view, 'windows', id)).toMatchObject({
    wish: 'go',
    screen: 'accounts',
    filter: { text: id.split(' ')[1] },
  })
})
