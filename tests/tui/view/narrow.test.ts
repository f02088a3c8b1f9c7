import { expect, test } from 'vitest'
import { cell, clip, widthOf } from '../../../src/tui/view/cell.ts'
import { clusters } from '../../../src/tui/view/clusters.ts'

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index))

// What is measured by its length must be what the cluster table says, letter by letter.
test('glyphs that are measured by length take one cell each and are themselves', () => {
  const glyphs = [
    ...range(0x20, 0x7e),
    ...'·–—‘’“”•…‹›←↑→↓▲▼◆◇○●◐✓✗',
    ...range(0x25a0, 0x25b2),
    ...range(0x2500, 0x257f),
    ...range(0x2580, 0x259f),
    ...range(0x2800, 0x28ff),
  ]
  const wrong = glyphs.filter((glyph) => {
    const own = [...clusters(glyph)]
    return own.length !== 1 || own[0]?.text !== glyph || own[0].width !== 1
  })
  expect(wrong).toEqual([])
  expect(widthOf(glyphs.join(''))).toBe(glyphs.length)
})

test('cutting by length gives what cutting by clusters gives', () => {
  const slow = (text: string, width: number): string => {
    const all = [...clusters(text)].map((one) => one.text)
    return all.length <= width ? text : `${all.slice(0, width - 1).join('')}…`
  }
  for (const text of ['', 'a', '█████▏░░░  57%', 'plain words', '│─┃ ⣿⣀ ●◐'])
    for (const width of [1, 2, 5, 9, 40]) {
      expect(clip(text, width)).toBe(slow(text, width))
      expect(widthOf(cell(text, width))).toBe(width)
    }
})
