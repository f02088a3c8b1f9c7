import { expect, test } from 'vitest'
import type { UsageObservation } from '../../src/oracle/forecast/observation.ts'
import type { Prediction } from '../../src/oracle/predictions.ts'
import { predictionKey } from '../../src/oracle/predictions.ts'
import { limitSeries, limitSubject, predictLimit, storedLimit } from '../../src/oracle/predictions-limit.ts'
import { newsOf, takenBack, toldOf } from '../../src/oracle/predictions-news.ts'
import { accuracyOf, scoreOf, whatCameOfLimit } from '../../src/oracle/predictions-score.ts'

const START_MS = Date.parse('2026-11-20T06:00:00Z')
const minute = (min: number): Date => new Date(START_MS + min * 60_000)

const seen = (min: number, pct: number | null, over: Partial<UsageObservation> = {}): UsageObservation => ({
  machine: 'atlas', provider: 'anthropic', account_key: 'a', account_label: null, limit_id: '', window: '5h', used_pct: pct,
  resets_at: minute(300), observed_at: minute(min), source: 'claude.cache', source_rank: 20, plan: null, credits: null, status: null, ...over,
}) // biome-ignore format: a table of values

const said = { madeAt: minute(100), horizonAt: minute(300) }
const rise = Array.from({ length: 21 }, (_, k) => seen(k * 5, 20 + k * 2))
const next = (min: number): UsageObservation => seen(min, 2, { resets_at: minute(600) })

test.each([
  ['full before the reset', [seen(160, 100), next(305)], 'came', 60],
  ['refused without a number', [seen(150, null, { status: 'rejected' })], 'came', 50],
  ['seen just before the reset', [seen(290, 80)], 'stayed_away', null],
  ['seen in the next window', [next(310)], 'stayed_away', null],
  ['full in the next window only', [next(310), seen(400, 100, { resets_at: minute(600) })], 'stayed_away', null],
  [
    'reset early by the provider',
    [seen(150, 70), seen(160, 1, { resets_at: minute(460) }), seen(200, 100, { resets_at: minute(460) })],
    'stayed_away',
    null,
  ],
  ['never seen again', [seen(120, 65)], 'unknown', null],
] as const)('%s: %s', (_what, later, outcome, actualMinutes) =>
  expect(whatCameOfLimit(said, [...rise, ...later])).toEqual({ outcome, actualMinutes }),
)

const whole = {
  ...said,
  kind: 'limit',
  machineId: 'fleet',
  subject: 's',
  valueMinutes: 66,
  low: 50,
  high: 90,
  probability: 0.9,
}

test('a score: relative error, interval and Brier part; nothing where nobody knows', () => {
  const score = scoreOf(whole, { outcome: 'came', actualMinutes: 60 })
  expect(score).toMatchObject({ inInterval: true })
  expect(score.relativeError).toBeCloseTo(0.1)
  expect(score.brier).toBeCloseTo(0.01)
  expect(scoreOf(whole, { outcome: 'stayed_away', actualMinutes: null })).toMatchObject({
    relativeError: null,
    inInterval: null,
  })
  const unknown = scoreOf(whole, { outcome: 'unknown', actualMinutes: null })
  expect(unknown).toMatchObject({ relativeError: null, inInterval: null, brier: null })
  expect(accuracyOf([score, unknown])).toMatchObject({ scored: 2, known: 1, coverage80: 1 })
  expect(accuracyOf([unknown])).toEqual({
    scored: 1, known: 0, medianRelativeError: null, p90RelativeError: null, brier: null, coverage80: null,
  }) // biome-ignore format: one row
})

const facts = (rooms: Record<string, number | null>) => ({
  accountsOf: () => Object.entries(rooms).map(([account, headRoomPct]) => ({ account, headRoomPct })),
  cacheLossOf: () => 300_000,
})

test('machines of one account are one series; windows and limits are series of their own', () => {
  const series = limitSeries([
    ...rise,
    seen(50, 40, { machine: 'borg' }),
    seen(50, 5, { window: '7d' }),
    seen(50, 5, { limit_id: 'x' }),
  ])
  expect(series.map((one) => [limitSubject(one), one.seen.length])).toEqual([
    ['anthropic a - 5h', 22],
    ['anthropic a - 7d', 1],
    ['anthropic a x 5h', 1],
  ])
})

test('one is not sent to oneself, nor to an account whose room nobody knows; the loss of caches is told', () => {
  const [series] = limitSeries(rise)
  if (series === undefined) throw new Error('a series was expected')
  const told = predictLimit(series, facts({ a: 90, b: 50, c: null, d: 80 }), minute(100))
  expect(told.alternatives).toEqual([
    { accountKey: 'd', headRoomPct: 80, cacheLossMicrousd: 300_000 },
    { accountKey: 'b', headRoomPct: 50, cacheLossMicrousd: 300_000 },
  ])
  expect(storedLimit(told)).toMatchObject({ machineId: 'fleet', outlook: 'forecast', horizonAt: minute(300) })
})

test('an account that nobody could name may be the very one: it is not swapped for another', () => {
  const [series] = limitSeries([...rise, seen(105, 100)].map((one) => ({ ...one, account_key: 'unknown@atlas' })))
  if (series === undefined) throw new Error('a series was expected')
  expect(predictLimit(series, facts({ b: 80 }), minute(106))).toMatchObject({
    alternatives: [],
    advice: { action: 'wait_for_reset', at: minute(300) },
  })
})

const prediction = (min: number, over: Partial<Prediction> = {}): Prediction => ({
  kind: 'limit', machineId: 'fleet', subject: 's', madeAt: minute(min), horizonAt: null, outlook: 'forecast', valueMinutes: 1, interval: null,
  probability: null, action: 'continue', advice: {}, model: null, confidence: 1, basis: {}, ...over,
}) // biome-ignore format: a table of values

test('news: the first word, another advice, five minutes of the same; silence only once an hour', () => {
  const first = prediction(0)
  const before = new Map([[predictionKey(first), toldOf(first)]])
  expect(newsOf([prediction(4)], before)).toEqual([])
  expect(newsOf([prediction(5)], before)).toHaveLength(1)
  expect(newsOf([prediction(1, { action: 'swap_now' })], before)).toHaveLength(1)
  expect(newsOf([prediction(0, { outlook: 'unknown' })], new Map())).toEqual([])
  const still = prediction(0, { outlook: 'still' })
  const silent = new Map([[predictionKey(still), toldOf(still)]])
  expect(newsOf([prediction(30, { outlook: 'still' })], silent)).toEqual([])
  expect(newsOf([prediction(60, { outlook: 'still' })], silent)).toHaveLength(1)
})

test('what is not said any more is taken back once, of its own kinds only', () => {
  const first = prediction(0)
  const before = new Map([[predictionKey(first), toldOf(first)]])
  expect(takenBack(['disk_full'], [], before, minute(9))).toEqual([])
  const [back] = takenBack(['limit'], [], before, minute(9))
  expect(back).toMatchObject({ outlook: 'withdrawn', subject: 's', valueMinutes: null, horizonAt: null })
  const after = new Map([[predictionKey(first), toldOf(back as Prediction)]])
  expect(takenBack(['limit'], [], after, minute(10))).toEqual([])
})
