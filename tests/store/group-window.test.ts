import { expect, test } from 'vitest'
import { groupWindowMs, soonWindowMs } from '../../src/store/group-window.ts'

test.each([
  [0, 500],
  [10, 500],
  [25, 750],
  [400, 1000],
])('after a group that took %i ms the next gathers for %i ms', (tookMs, windowMs) => {
  expect(groupWindowMs(500, tookMs)).toBe(windowMs)
})

test.each([
  ['at once where none was for long', 25, 10_000, 20],
  ['after a rest where one has just been', 25, 100, 150],
  ['no longer than others where commits are dear', 400, 0, 1000],
])('a run with news commits %s', (_what, tookMs, sinceLastMs, windowMs) => {
  expect(soonWindowMs(1000, tookMs, sinceLastMs)).toBe(windowMs)
})
