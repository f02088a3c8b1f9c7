import { expect, test } from 'vitest'
import { noColour, themes } from '../../src/tui/themes/index.ts'
import type { Look, Theme } from '../../src/tui/themes/theme.ts'
import { focusedTitles } from './focused-titles.ts'

const ESC = '\u001b['
// As tmux writes the colours of the terminal's own sixteen and those of the table.
const colour = (value: number | null | undefined, at: 3 | 4): string =>
  value === null || value === undefined
    ? `${at}9`
    : value < 8
      ? `${at}${value}`
      : value < 16
        ? `${at === 3 ? 9 : 10}${value - 8}`
        : `${at}8;5;${value}`

const look = (theme: Theme, { fg, bold, inverse }: Look): string =>
  `${ESC}0${bold ? ';1' : ''}${inverse ? ';7' : ''}m${ESC}${colour(fg, 3)}m${ESC}${colour(theme.parts.ground.bg, 4)}m`

/** The upper edge of a frame, as tmux captures it. */
const edge = (theme: Theme, title: string, focused: boolean): string => {
  const { border, focusBorder, title: rest, focusTitle } = theme.parts
  const line = look(theme, focused ? focusBorder : border)
  return `${line}┌─${look(theme, focused ? focusTitle : rest)} ${title} ${line}${'─'.repeat(9)}┐`
}

test.each([...themes, noColour].map((theme) => [theme.id, theme] as const))(
  'the panel with the focus is told from one without it in the theme %s',
  (_id, theme) => {
    const capture = `head\n${edge(theme, 'Machines', false)}${edge(theme, 'Worst things first', true)}\n${edge(theme, 'Predictions', false)}`
    expect(focusedTitles(capture)).toEqual([{ title: 'Worst things first', at: '1:25' }])
  },
)

test('a look goes on over the end of a row, and a title inside a row is none', () => {
  const [neural] = themes
  if (neural === undefined) throw new Error('there is no theme')
  const { fg } = neural.parts.focusTitle
  const on = `${ESC}38;5;${fg}m${ESC}48;5;${neural.parts.ground.bg}m`
  expect(focusedTitles(`${on}\n┌─${ESC}1m Agents ${ESC}0m`)).toEqual([{ title: 'Agents', at: '1:3' }])
  expect(focusedTitles(`${on}│ ${ESC}1m Agents ${ESC}0m`)).toEqual([])
})
