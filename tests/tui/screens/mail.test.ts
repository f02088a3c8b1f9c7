import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { mail as screen } from '../../../src/tui/screens/mail.ts'
import { enter, press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'

const mail = screen as unknown as Screen

holdsScreen(mail)

const view = recordedView('mail')

test('what waits for an acknowledgement stands first, mail of gastown among the rest', () => {
  const ids = rowIds(mail, view, 'letters')
  expect(ids).toHaveLength(7)
  const first = enter(mail, view, 'letters', ids[0] ?? '')
  expect(first).toMatchObject({ wish: 'detail', text: expect.stringContaining('not acknowledged by GreenCastle') })
  expect(ids.filter((id) => id.startsWith('g '))).toHaveLength(1)
})

test('a text and a machine narrow it', () => {
  const of = (filter: object) => recordedView('mail', null, { filter: { ...view.filter, ...filter } })
  expect(rowIds(mail, of({ text: 'weekend' }), 'letters')).toHaveLength(1)
  expect(rowIds(mail, of({ machine: 'atlas' }), 'letters')).toHaveLength(3)
})

test('s chooses what stands below on a narrow screen', () => {
  expect(press(mail, view, 's')).toEqual({ wish: 'option', name: 'mail.below', value: 'reservations' })
})
