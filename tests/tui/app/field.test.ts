import { expect, test } from 'vitest'
import { type Field, fieldLine, fieldOf, typed } from '../../../src/tui/app/field.ts'
import { openKeys } from '../../../src/tui/ui/keys.ts'

const fed = (text: string, begin: Field = fieldOf()): Field => {
  let field = begin
  const keys = openKeys((input) => {
    field = typed(field, input) ?? field
  })
  keys.feed(text)
  keys.close()
  return field
}

// Each letter took the whole text apart before: a megabyte held the cockpit, and the daemon in its process, for hours.
test('a text that a terminal pastes without marking it comes letter by letter, and is there', () => {
  const text = 'x'.repeat(300_000)
  expect(fed(text)).toEqual({ text, at: 300_000 })
})

test('letters go where the cursor stands, signs beyond the first plane count as one', () => {
  expect(typed(fieldOf('a😀b'), { kind: 'paste', text: '😀\nc' })).toEqual({ text: 'a😀b😀 c', at: 6 })
  expect(fed('\u001b[Dy', fieldOf('ab'))).toEqual({ text: 'ayb', at: 2 })
  expect(fed('\u001b[Dy', fieldOf('a😀'))).toEqual({ text: 'ay😀', at: 2 })
  expect(fed('😀z\u007f\u007f', fieldOf('a'))).toEqual({ text: 'a', at: 1 })
})

test('the line shows what stands around the cursor, wherever it is', () => {
  const shown = (field: Field, width: number, mask = false) => fieldLine(field, width, mask).map(({ text }) => text)
  expect(shown(fieldOf('abc'), 10)).toEqual(['abc', ' ', ''])
  expect(shown(fieldOf('abcdef'), 4)).toEqual(['def', ' ', ''])
  expect(shown(fieldOf('ab😀'), 3)).toEqual(['b😀', ' ', ''])
  expect(shown({ text: 'abcdef', at: 1 }, 4)).toEqual(['a', 'b', 'cd'])
  expect(shown({ text: 'a😀cdef', at: 4 }, 3)).toEqual(['cd', 'e', ''])
  expect(shown(fieldOf('abc'), 10, true)).toEqual(['•••', ' ', ''])
})
