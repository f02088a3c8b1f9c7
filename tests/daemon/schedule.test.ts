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

const USUAL = { firstMs: 5_000, maxMs: 300_000 }

test('the ceiling of back-off doubles from 5 s to 5 min', () => {
  expect(backoffMs(1, 1, USUAL)).toBe(5_000)
  expect(backoffMs(4, 1, USUAL)).toBe(40_000)
  expect(backoffMs(50, 1, USUAL)).toBe(300_000)
  expect(backoffMs(50, 1, { firstMs: 1_000, maxMs: 60_000 })).toBe(60_000)
})

test('back-off is never shorter than the first wait nor longer than its ceiling, however often a machine failed', () => {
  const waits = fc.record({ firstMs: fc.integer({ min: 1_000, max: 3_600_000 }), more: fc.nat(86_400_000) })
  const drawn = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), drawn, waits, (failures, random, { firstMs, more }) => {
      const backoff = { firstMs, maxMs: firstMs + more }
      const pause = backoffMs(failures, random, backoff)
      return pause >= firstMs && pause <= Math.min(backoff.maxMs, firstMs * 2 ** (failures - 1))
    }),
  )
})

test('the jitter of back-off is full: every part of the way to the ceiling is as likely as any other', () => {
  const pauses = Array.from({ length: 1_000 }, (_, i) => backoffMs(9, i / 1_000, USUAL))
  for (let tenth = 0; tenth < 10; tenth++) {
    const from = 5_000 + tenth * 29_500
    expect(pauses.filter((ms) => ms >= from && ms < from + 29_500)).toHaveLength(100)
  }
  expect(backoffMs(9, 0, USUAL)).toBe(5_000)
})
