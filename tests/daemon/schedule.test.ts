import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs, beatOf, everyTicks, isDue, nextTickMs, tickAt, turnsMissed } from '../../src/daemon/schedule.ts'

test('a machine keeps its phase over restarts, and machines set out in companies of equal size', () => {
  const phases = Array.from({ length: 1000 }, (_, i) => beatOf(`m${i}`, 10_000).phaseMs)
  expect(beatOf('m7', 10_000).phaseMs).toBe(phases[7])
  const companies = Array.from({ length: 5 }, (_, step) => phases.filter((p) => Math.floor(p / 2000) === step))
  expect(Math.min(...companies.map((company) => company.length))).toBeGreaterThan(150)
  // All within the window of one commit, and yet not all at once.
  for (const company of companies) {
    const late = company.map((p) => p % 2000)
    expect(Math.max(...late)).toBeLessThan(200)
    expect(new Set(late).size).toBeGreaterThan(50)
  }
})

test.each([2_000, 1_000, 500, 100])('phases stay within a base tick of %i ms', (baseTickMs) => {
  const phases = Array.from({ length: 300 }, (_, i) => beatOf(`m${i}`, baseTickMs).phaseMs)
  expect(Math.min(...phases)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...phases)).toBeLessThan(baseTickMs)
})

test('what is due on a machine is due together', () => {
  const probe = everyTicks(30, 10_000)
  const git = everyTicks(300, 10_000)
  const gitTicks = Array.from({ length: 200 }, (_, tick) => tick).filter((tick) => isDue(tick, git, tick - 1))
  expect(gitTicks.every((tick) => isDue(tick, probe, tick - 1))).toBe(true)
})

test('a source runs once per interval however often it is asked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 1e9 }), (every, start) => {
      let last: number | null = start
      let runs = 0
      for (let tick = start + 1; tick <= start + every * 10; tick++) {
        if (!isDue(tick, every, last)) continue
        last = tick
        runs++
      }
      return runs === 10
    }),
  )
})

test('the next tick is always ahead, by at most one base tick', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 4e12 }), (id, now) => {
      const beat = beatOf(id, 10_000)
      const next = nextTickMs(beat, now)
      return next > now && next - now <= 10_000 && tickAt(beat, next) === tickAt(beat, now) + 1
    }),
  )
})

test('turns that a late run skipped are counted, not queued', () => {
  expect(turnsMissed(10, 3, 9)).toBe(0)
  expect(turnsMissed(30, 3, 9)).toBe(6)
  expect(isDue(30, 3, 9)).toBe(true)
  expect(isDue(31, 3, 30)).toBe(false)
})

test('after the clock was set back a source is due at once, and then once per interval again', () => {
  expect(isDue(100, 3, 9_000)).toBe(true)
  expect(turnsMissed(100, 3, 9_000)).toBe(0)
  expect(isDue(100, 3, 100)).toBe(false)
})

test('back-off doubles from 5 s to 5 min and is jittered', () => {
  const usual = { firstMs: 5_000, maxMs: 300_000 }
  expect(backoffMs(1, 1, usual)).toBe(5_000)
  expect(backoffMs(1, 0, usual)).toBe(2_500)
  expect(backoffMs(4, 1, usual)).toBe(40_000)
  expect(backoffMs(50, 1, usual)).toBe(300_000)
  expect(backoffMs(50, 1, { firstMs: 1_000, maxMs: 60_000 })).toBe(60_000)
})
