import { expect, test } from 'vitest'
import { clockSkewMs, steadySkewMs } from '../../../src/collectors/probe/facts.ts'

const SENT = 1_800_000_000_000

test.each([
  ['a quick look', 1_800_000_000, 200, 400],
  ['a clock that is behind', 1_799_999_990, 200, -9_600],
  ['a clock that is hours off is so after a long exchange, too', 1_800_007_200, 9_000, 7_196_000],
  ['a login took its time, and the clock was read at its end', 1_800_000_009, 9_000, null],
  ['a machine that does not tell', null, 200, null],
])('the clock of a machine: %s', (_what, epochS, tookMs, skewMs) => {
  expect(clockSkewMs(epochS, SENT, SENT + tookMs)).toBe(skewMs)
})

test.each([
  ['within the second that is told', 400, -500, 400],
  ['a clock that was set', 400, -600, -600],
  ['one that was not known', null, 300, 300],
  ['one that is not known now', 400, null, null],
])('a skew as it was known before: %s', (_what, beforeMs, nowMs, skewMs) => {
  expect(steadySkewMs(beforeMs, nowMs)).toBe(skewMs)
})
