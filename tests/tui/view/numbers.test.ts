import { expect, test, vi } from 'vitest'
import { count } from '../../../src/tui/view/numbers.ts'

test('a count has its thousands apart, as people write them, and less than a half is nothing', () => {
  const shown = [0, 7, 999, 1000, 12_345, 1_234_567, -999, -123_456, 999.5, -0.4].map(count)
  expect(shown).toEqual(['0', '7', '999', '1,000', '12,345', '1,234,567', '-999', '-123,456', '1,000', '0'])
  expect([null, undefined, Number.NaN].map(count)).toEqual(['?', '?', '?'])
})

test('no count asks for the words of a country: a table makes thousands of them at each key', () => {
  const asked = vi.spyOn(Number.prototype, 'toLocaleString')
  count(12_345)
  expect(asked).not.toHaveBeenCalled()
  asked.mockRestore()
})
