import { expect, test } from 'vitest'
import { budgetOutlook, forecastDay, forecastMonth, type HourSpent } from '../../src/oracle/budget.ts'
import { type CacheUse, cacheSavings, checkedSavings } from '../../src/oracle/cost.ts'

const HOUR_MS = 3_600_000
const at = new Date('2026-11-20T12:00:00Z')
const DOLLAR = 1_000_000

/** Every hour of these days before noon of the 20th costs the same. */
const hours = (days: number, microusd: number): readonly HourSpent[] =>
  Array.from({ length: days * 24 + 12 }, (_, k) => ({
    ms: Date.parse('2026-11-20T12:00:00Z') - (days * 24 + 12 - k) * HOUR_MS,
    microusd,
  }))

test('the rest of a day is expected to be as on the days before', () => {
  expect(forecastDay(hours(7, DOLLAR), at)).toEqual({
    spentMicrousd: 12 * DOLLAR,
    expectedMicrousd: 24 * DOLLAR,
    interval: { low: 24 * DOLLAR, high: 24 * DOLLAR },
    days: 7,
  })
})

test('less than three days of history foretell nothing, and money spent is still a fact', () => {
  expect(forecastDay(hours(2, DOLLAR), at)).toMatchObject({
    spentMicrousd: 12 * DOLLAR,
    expectedMicrousd: null,
    interval: null,
  })
  expect(forecastMonth([], at)).toMatchObject({ spentMicrousd: 0, expectedMicrousd: null, days: 0 })
})

test('a month ends at what was spent, the rest of today and the days to come', () => {
  const said = forecastMonth(hours(14, DOLLAR), at)
  // From the 6th at 00:00 to noon of the 20th, then eleven days and a half.
  expect(said).toMatchObject({ spentMicrousd: 348 * DOLLAR, expectedMicrousd: (348 + 12 + 240) * DOLLAR })
})

test('a budget: how likely it is overspent, and when it is used up at this pace', () => {
  const tight = budgetOutlook('day', 18 * DOLLAR, hours(7, DOLLAR), at)
  expect(tight).toMatchObject({ spentPct: (100 * 12) / 18, usedUpAt: new Date('2026-11-20T18:00:00Z') })
  expect(tight.probabilityOver).toBeGreaterThan(0.9)
  expect(budgetOutlook('day', 100 * DOLLAR, hours(7, DOLLAR), at)).toMatchObject({ usedUpAt: null })
  expect(budgetOutlook('day', 100 * DOLLAR, hours(7, DOLLAR), at).probabilityOver).toBeLessThan(0.1)
  expect(budgetOutlook('day', 10 * DOLLAR, hours(1, DOLLAR), at)).toMatchObject({ probabilityOver: 1, usedUpAt: at })
  expect(budgetOutlook('day', 0, hours(1, DOLLAR), at)).toMatchObject({ spentPct: 100, probabilityOver: 1 })
  expect(budgetOutlook('day', 0, [], at)).toMatchObject({ spentPct: 0, probabilityOver: null, usedUpAt: null })
})

const use = (project: string, cachedPct: number, over: Partial<CacheUse> = {}): CacheUse => ({
  provider: 'anthropic', model: 'opus', project, messages: 100, freshTokens: (100 - cachedPct) * 1e5, cachedTokens: cachedPct * 1e5,
  savedMicrousdPerMtok: 4_500_000, ...over,
}) // biome-ignore format: a table of values

test('a project that misses the cache is named with what the usual share would have saved', () => {
  const found = cacheSavings([use('a', 90), use('b', 92), use('c', 40)])
  expect(found).toMatchObject([
    { project: 'c', cachedPct: 40, usualPct: 91, couldSaveMicrousd: Math.round(0.51 * 10 * 4_500_000) },
  ])
})

test.each([
  ['two projects have no usual share', [use('a', 90), use('c', 40)]],
  ['a model without a price has no saving', [use('a', 90), use('b', 92), use('c', 40, { savedMicrousdPerMtok: null })]],
  ['a handful of messages shows nothing', [use('a', 90), use('b', 92), use('c', 40, { messages: 5 })]],
])('%s: nothing is said', (_why, uses) => expect(cacheSavings(uses)).toEqual([]))

test('a saving that was found is looked at again on what was asked since', () => {
  const before = [use('a', 90), use('b', 92), use('c', 40)]
  const [taken] = checkedSavings(before, [use('c', 85)])
  expect(taken).toMatchObject({ project: 'c', outcome: 'taken', savedMicrousd: Math.round(0.45 * 10 * 4_500_000) })
  expect(checkedSavings(before, [use('c', 38)])).toMatchObject([{ outcome: 'open', savedMicrousd: 0 }])
  expect(checkedSavings(before, [use('c', 85, { messages: 3 })])).toMatchObject([
    { outcome: 'not_used', savedMicrousd: null },
  ])
})
