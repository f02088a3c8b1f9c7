import { expect, test } from 'vitest'
import { groupWindowMs } from '../../src/store/group-window.ts'

test.each([
  [0, 500],
  [10, 500],
  [25, 750],
  [400, 1000],
])('after a group that took %i ms the next gathers for %i ms', (tookMs, windowMs) => {
  expect(groupWindowMs(500, tookMs)).toBe(windowMs)
})
