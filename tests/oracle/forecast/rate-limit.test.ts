import { describe, expect, test } from 'vitest'
import { scoreTraces, summarise } from '../../../bench/limits/score.ts'
import { adviseOn, mostUrgent, rankAlternatives } from '../../../src/oracle/forecast/limit-advice.ts'
import type { UsageObservation } from '../../../src/oracle/forecast/observation.ts'
import { forecastLimit } from '../../../src/oracle/forecast/rate-limit.ts'
import { windowRuns } from '../../../src/oracle/forecast/window-runs.ts'
import { stretches } from '../../../src/oracle/forecast/work-stretches.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
const at = (minute: number): Date => new Date(NOON + minute * 60_000)

const seen = (minute: number, usedPct: number | null, over: Partial<UsageObservation> = {}): UsageObservation => ({
  machine: 'atlas', provider: 'openai', account_key: 'a', account_label: null, limit_id: 'codex', window: '5h',
  used_pct: usedPct, resets_at: at(120), observed_at: at(minute), source: 'codex.rollout', source_rank: 10,
  plan: null, credits: null, status: null, ...over,
}) // biome-ignore format: one record

/** A percent a minute, a sample every other minute, 10 % at noon minus an hour. */
const steady = (over: Partial<UsageObservation> = {}): readonly UsageObservation[] =>
  Array.from({ length: 31 }, (_, at) => seen(-60 + at * 2, 10 + at * 2, over))

describe('what is said of a window', () => {
  test('a steady pace reaches the limit where the line does', () => {
    const said = forecastLimit(steady(), at(0))
    expect(said).toMatchObject({ outlook: 'forecast', usedPct: 70, minutesToReset: 120, doubts: [] })
    expect(said.minutesToLimit).toBeCloseTo(30, 0)
    expect(said.probability).toBeGreaterThan(0.99)
    expect(said.confidence).toBe(1)
  })

  test('without a reset time there is no probability, and it says so', () => {
    const said = forecastLimit(steady({ resets_at: null }), at(0))
    expect(said).toMatchObject({ outlook: 'forecast', probability: null, resetsAt: null })
    expect(said.doubts).toContain('no source says when it resets')
  })

  test('one look far above all others moves neither the pace nor the probability', () => {
    const slow = Array.from({ length: 13 }, (_, n) => seen(-60 + n * 5, n === 6 ? 99 : 10 + n))
    const said = forecastLimit(slow, at(0))
    expect(said).toMatchObject({ outlook: 'forecast', usedPct: 22 })
    expect(said.minutesToLimit).toBeGreaterThan(200)
    expect(said.probability).toBeLessThan(0.2)
  })

  test('what falls again and again while its window stands is no usage, and foretells nothing', () => {
    const falling = Array.from({ length: 13 }, (_, n) => seen(-60 + n * 5, 80 - n * 5))
    expect(forecastLimit(falling, at(0))).toMatchObject({
      outlook: 'insufficient_data',
      minutesToLimit: null,
      doubts: ['it falls again and again although its window did not reset'],
    })
  })

  test('one look at each of two windows is no pace, however far apart they lie', () => {
    const two = [seen(-120, 90, { resets_at: at(-60) }), seen(-2, 42.5, { resets_at: at(180) })]
    expect(forecastLimit(two, at(0))).toMatchObject({ outlook: 'insufficient_data', usedPct: 42.5, probability: null })
  })

  test('a sample of a window that is over says nothing of the next one', () => {
    expect(forecastLimit(steady({ resets_at: at(-1) }), at(0))).toMatchObject({
      outlook: 'reset_passed',
      minutesToLimit: null,
      probability: null,
    })
  })

  test.each([
    [[], 'unknown'],
    [[seen(-1, null)], 'unknown'],
    [[seen(-5, 10), seen(-1, 12)], 'insufficient_data'],
    [[seen(-1, 100)], 'hit'],
    [[seen(-1, 80, { status: 'rejected' })], 'hit'],
    [Array.from({ length: 20 }, (_, n) => seen(-40 + n * 2, n === 0 ? 40 : n === 1 ? 41 : 42)), 'forecast'],
  ] as const)('%#: little or final evidence', (observations, outlook) => {
    expect(forecastLimit(observations, at(0)).outlook).toBe(outlook)
  })

  test('what comes later is not known yet', () => {
    expect(forecastLimit([...steady(), seen(1, 99)], at(0)).usedPct).toBe(70)
  })

  test('age and a source that disagrees lower the confidence in words', () => {
    const old = forecastLimit(steady(), at(50))
    expect(old.confidence).toBeLessThan(0.3)
    expect(old.doubts).toEqual(['the newest sample is 50 min old'])
    const other = seen(-1, 30, { source: 'caam', source_rank: 30 })
    expect(forecastLimit([...steady(), other], at(0)).doubts).toEqual(['caam says 30 % instead of 70 %'])
  })
})

describe('where windows begin and end', () => {
  const runs = (observations: readonly UsageObservation[]) =>
    windowRuns(observations).map(({ points }) => points.map(({ pct }) => pct))

  test('a passed reset starts a new one', () => {
    expect(runs([seen(-30, 80, { resets_at: at(-20) }), seen(-10, 5)])).toEqual([[80], [5]])
  })
  test('so does an early one by the provider, seen by the fall', () => {
    expect(runs([seen(-30, 80, { resets_at: at(60) }), seen(-10, 5, { resets_at: at(290) })])).toEqual([[80], [5]])
  })
  test('a source that lags behind does not', () => {
    expect(runs([seen(-30, 60), seen(-20, 40), seen(-10, 61)])).toEqual([[60, 61]])
  })
  test('reset times a few seconds apart are one window', () => {
    expect(runs([seen(-30, 60), seen(-20, 61, { resets_at: at(120.3) })])).toEqual([[60, 61]])
  })
})

describe('what to do', () => {
  const spare = { accountKey: 'b', headRoomPct: 80, cacheLossMicrousd: null }
  const forecast = (minutes: number, observations = steady()) => {
    const said = forecastLimit(observations, at(0))
    return {
      ...said,
      minutesToLimit: minutes,
      interval: { low: minutes * 0.9, high: minutes * 1.1 },
      probability: minutes < 110 ? 1 : 0,
    }
  }

  test.each([
    [5, 'swap_now'],
    [30, 'prepare_swap'],
    [80, 'slow_down'],
    [130, 'continue'],
  ])('%i minutes before the limit, two hours before the reset: %s', (minutes, action) => {
    expect(adviseOn(forecast(minutes), [spare]).action).toBe(action)
  })

  test('used up: go elsewhere, or wait where there is no elsewhere or the reset is near', () => {
    expect(adviseOn(forecastLimit([seen(-1, 100)], at(0)), [spare])).toEqual({ action: 'swap_now', to: 'b' })
    expect(adviseOn(forecastLimit([seen(-1, 100)], at(0)))).toEqual({ action: 'wait_for_reset', at: at(120) })
    expect(adviseOn(forecastLimit([seen(-1, 100, { resets_at: at(9) })], at(0)), [spare]).action).toBe('wait_for_reset')
    expect(adviseOn(forecastLimit([seen(-1, 100, { resets_at: null })], at(0))).action).toBe('pause')
  })

  test('a crowded account is no alternative, and thrown-away caches count', () => {
    const ranked = rankAlternatives([
      { ...spare, headRoomPct: 10 },
      { ...spare, accountKey: 'c', headRoomPct: 70 },
      { ...spare, accountKey: 'd', headRoomPct: 75, cacheLossMicrousd: 9_000_000 },
    ])
    expect(ranked.map(({ accountKey }) => accountKey)).toEqual(['c', 'd'])
  })

  test('the window that binds decides', () => {
    expect(mostUrgent([{ action: 'continue' }, { action: 'prepare_swap', inMinutes: 3 }]).action).toBe('prepare_swap')
  })
})

test('on seeded traces it holds what is promised, with room', () => {
  const all = summarise(scoreTraces(25, 90_000))
  expect(all.median).toBeLessThan(0.08)
  expect(all.median).toBeLessThan(all.straight.median / 2)
  expect(all.brier).toBeLessThan(all.straight.brier / 2)
  expect(all.coverage).toBeGreaterThan(0.7)
  expect(all.wrongSwaps).toBeLessThanOrEqual(0.02)
  expect(all.absurdSwaps).toBe(0)
})

test('work and pauses before a moment are looked for once, whichever model asks, and of each curve anew', () => {
  const curve = (work: readonly number[]) => ({ minutes: work.map((_, nth) => nth * 10), work, stepPct: 1 })
  const [steadily, idly] = [curve([0, 10, 20, 30]), curve([0, 10, 10, 10])]
  const said = stretches(steadily, 30, 20)
  expect(said).toEqual([{ busy: true, minutes: 20, work: 20 }])
  expect(stretches(steadily, 30, 20)).toBe(said)
  expect(stretches(steadily, 30, 10)).toEqual([{ busy: true, minutes: 10, work: 10 }])
  expect(stretches(idly, 30, 20)).not.toBe(said)
})
