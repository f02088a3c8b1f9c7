import { expect, test } from 'vitest'
import { detailRoom, foldText } from '../../../src/tui/app/layers/detail.ts'
import { widthOf } from '../../../src/tui/view/cell.ts'

test('text goes on in the next line where it does not fit, letters of two cells as well', () => {
  expect(foldText('abcdefg\n\nhi', 3)).toEqual(['abc', 'def', 'g', '', 'hi'])
  expect(foldText('a漢字漢字', 4)).toEqual(['a漢', '字漢', '字'])
  expect(foldText('漢字', 1)).toEqual(['漢', '字'])
  for (const line of foldText('ledger 数据库 é '.repeat(40), 21)) expect(widthOf(line)).toBeLessThanOrEqual(21)
})

test('a command is told how wide its box is, on narrow and on wide terminals', () => {
  expect([40, 60, 80, 160].map(detailRoom)).toEqual([34, 54, 60, 124])
})
