import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CapacityPoint, predictFull, trendOf, whatCameOfFull } from '../../src/oracle/capacity.ts'

const MINUTE_MS = 60_000
const at = new Date('2026-11-20T12:00:00Z')
const GB = 1e9

const points = (count: number, everyMin: number, used: (k: number) => number): readonly CapacityPoint[] =>
  Array.from({ length: count }, (_, k) => ({
    ms: at.getTime() - (count - 1 - k) * everyMin * MINUTE_MS,
    usedBytes: used(k),
  }))

const series = (own: readonly CapacityPoint[]) =>
  ({ kind: 'disk_full', machineId: 'atlas', subject: '/', limitBytes: 1000 * GB, points: own }) as const

test('a steady rise is told to the minute', () => {
  const said = predictFull(series(points(25, 30, (k) => (700 + k) * GB)), at)
  expect(said).toMatchObject({ kind: 'disk_full', action: 'free_space', outlook: 'forecast' })
  expect(said?.valueMinutes).toBeCloseTo((1000 - 724) * 30, 3)
  expect(said?.horizonAt).toEqual(new Date(at.getTime() + 24 * 60 * MINUTE_MS))
})

test('one emptied cache in between does not bend the slope', () => {
  const said = predictFull(series(points(25, 30, (k) => (900 + k * 2 - (k === 12 ? 300 : 0)) * GB)), at)
  expect(said?.valueMinutes).toBeGreaterThan(600)
  expect(said?.valueMinutes).toBeLessThan(900)
  expect(said?.action).toBe('free_space')
})

test.each([
  ['too few values', points(8, 30, (k) => k * GB)],
  ['an hour is too short', points(12, 3, (k) => k * GB)],
  ['a flat line', points(25, 30, () => 700 * GB)],
  ['a disk that empties', points(25, 30, (k) => (900 - k) * GB)],
  ['up and down', points(25, 30, (k) => (700 + (k % 2) * 10) * GB)],
  ['a rise that takes a year', points(25, 30, (k) => 100 * GB + k * 1e6)],
])('%s: nothing is said', (_why, own) => expect(predictFull(series(own), at)).toBeNull())

test('noise without a trend is hardly ever taken for one', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 20, maxLength: 40 }), (values) => {
      const trend = trendOf(points(values.length, 30, (k) => values[k] ?? 0))
      // Whatever the order, the interval holds the slope and mirrored values mirror the verdict.
      const mirrored = trendOf(points(values.length, 30, (k) => 1_000_000 - (values[k] ?? 0)))
      expect(trend?.low).toBeLessThanOrEqual(trend?.bytesPerMin ?? 0)
      expect(trend?.high).toBeGreaterThanOrEqual(trend?.bytesPerMin ?? 0)
      expect(mirrored?.z).toBeCloseTo(-(trend?.z ?? 0), 9)
    }),
  )
})

const said = {
  madeAt: at,
  horizonAt: new Date(at.getTime() + 1440 * MINUTE_MS),
  usedBytes: 900 * GB,
  limitBytes: 1000 * GB,
}
const later = (min: number, usedGb: number): CapacityPoint => ({
  ms: at.getTime() + min * MINUTE_MS,
  usedBytes: usedGb * GB,
})

test('what came: full, the pace that was, emptied, or nobody looked', () => {
  expect(whatCameOfFull(said, [later(600, 998), later(700, 500)])).toEqual({ outcome: 'came', actualMinutes: 600 })
  expect(whatCameOfFull(said, [later(1440, 950)])).toEqual({ outcome: 'stayed_away', actualMinutes: 2880 })
  expect(whatCameOfFull(said, [later(1440, 800)])).toEqual({ outcome: 'stayed_away', actualMinutes: null })
  expect(whatCameOfFull(said, [later(30, 905)])).toEqual({ outcome: 'unknown', actualMinutes: null })
})
