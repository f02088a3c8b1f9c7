import { expect, test } from 'vitest'
import { skewWords } from '../../src/oracle/skew-words.ts'

test.each([
  [6_240, '6.2 s ahead of'],
  [-6_240, '6.2 s behind'],
  [-3_599_700, '60 min behind'],
  [3_600_400, '60 min ahead of'],
  [-31_535_999_600, '365 d behind'],
])('a clock that differs by %d ms is %s another one', (ms, words) => {
  expect(skewWords(ms)).toBe(words)
})
