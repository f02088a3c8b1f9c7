import { expect, test } from 'vitest'
import { fitted } from '../../../src/tui/view/fitted.ts'
import { span } from '../../../src/tui/view/line.ts'

const shown = (parts: readonly string[], width: number): string =>
  fitted(
    parts.map((text) => span(text)),
    width,
  )
    .map(({ text }) => text)
    .join('')

test.each([
  ['what fits stays', ['ab ', 'cd'], 5, 'ab cd'],
  ['what is cut says so', ['ab ', 'cdef'], 5, 'ab c…'],
  ['also where the cut lies between two parts', ['abcde', ' fgh'], 5, 'abcd…'],
  ['blanks at the end are nothing that is missed', ['ab ', 'cd   ', '  '], 5, 'ab cd'],
  ['wide letters are not halved', ['漢字漢字'], 5, '漢字…'],
])('%s', (_, parts, width, expected) => {
  expect(shown(parts, width)).toBe(expected)
})
