import { readFileSync } from 'node:fs'
import { calcPrice, findProvider } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createPricer,
  PRICE_DATA_VERSION,
  parsePriceOverrides,
  pricesUsed,
  priceUsage,
} from '../../../src/collectors/prices/index.ts'

const usage = (part: Partial<Parameters<typeof priceUsage>[0]>) => ({
  provider: 'anthropic',
  model: 'claude-sonnet-4-5-20250929',
  ts: new Date('2026-11-20T10:00:00Z'),
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  ...part,
})
const SOURCE = `genai-prices@${PRICE_DATA_VERSION}`

test('the version named as price source is the installed one', () => {
  const manifest = JSON.parse(readFileSync('node_modules/@pydantic/genai-prices/package.json', 'utf8'))
  expect(PRICE_DATA_VERSION).toBe(manifest.version)
})

describe('one message', () => {
  test('each kind of token pays its own price', () => {
    const priced = priceUsage(
      usage({
        input_tokens: 1000,
        output_tokens: 100,
        cache_read_tokens: 10_000,
        cache_write_5m_tokens: 400,
        cache_write_1h_tokens: 300,
      }),
    )
    // 1000×3 + 100×15 + 10000×0.3 + 400×3.75 + 300×6
    expect(priced).toEqual({ microusd: 10_800, source: SOURCE })
  })

  test('the long-context tier is reached by this request, cache included, never by a sum', () => {
    const small = priceUsage(usage({ input_tokens: 1, cache_read_tokens: 199_999 })).microusd ?? Number.NaN
    const large = priceUsage(usage({ input_tokens: 2, cache_read_tokens: 199_999 })).microusd ?? Number.NaN
    expect(small).toBe(Math.round(3 + 199_999 * 0.3))
    expect(large).toBe(Math.round(2 * 6 + 199_999 * 0.6))
  })

  test('dated prices follow the message, not today', () => {
    const provider = findProvider({ providerId: 'openai' })
    const dated = provider?.models.find(
      (model) => Array.isArray(model.prices) && model.prices.some((entry) => entry.constraint?.type === 'start_date'),
    )
    expect(dated, 'a dated OpenAI price in the bundled data').toBeDefined()
    const at = (ts: string) =>
      priceUsage(usage({ provider: 'openai', model: dated?.id ?? '', ts: new Date(ts), input_tokens: 1_000_000 }))
    const before = calcPrice({ input_tokens: 1_000_000 }, dated?.id ?? '', {
      providerId: 'openai',
      timestamp: new Date('2020-01-01T00:00:00Z'),
    })
    expect(at('2020-01-01T00:00:00Z').microusd).toBe(Math.round((before?.total_price ?? Number.NaN) * 1e6))
    expect(at('2020-01-01T00:00:00Z').microusd).not.toBe(at('2026-11-20T00:00:00Z').microusd)
  })

  test.each([
    ['claude-sonnet-4-5[1m]', 'anthropic'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic'],
    ['anthropic/claude-sonnet-4-5', 'anthropic'],
    ['models/gemini-2.5-flash', 'google'],
    ['gemini-2.5-flash', 'google-vertex'],
  ])('%s of %s is recognised', (model, provider) => {
    expect(priceUsage(usage({ provider, model, input_tokens: 1000 })).microusd).toBeGreaterThan(0)
  })
})

describe('what has no price', () => {
  test.each([
    ['an unknown model', { model: 'acme-9000' }],
    ['an unknown provider', { provider: 'mock' }],
    ['no provider', { provider: '' }],
    ['no model', { model: null }],
    ['an impossible time', { ts: new Date(Number.NaN) }],
  ])('%s is unpriced and counted, never $0', (_, part) => {
    const pricer = createPricer()
    const asked = usage({ input_tokens: 70, output_tokens: 7, ...part })
    expect(pricer.priceUsage(asked)).toEqual({ microusd: null, source: null })
    pricer.priceUsage(asked)
    expect(pricer.unpriced()).toEqual([
      { provider: asked.provider, model: asked.model ?? '', messages: 2, tokens: 154 },
    ])
    expect(pricer.pricesUsed(new Date(0))).toEqual([])
  })
})

const fromFile = expect.stringMatching(/^vc\.toml@[0-9a-f]{8}$/)

describe('prices a person wrote', () => {
  const overrides = parsePriceOverrides({
    'mock/mock-1': { input_usd_per_mtok: 1, output_usd_per_mtok: 5, cache_read_usd_per_mtok: 0.1 },
    'anthropic/claude-sonnet-4-5-20250929': { input_usd_per_mtok: 100, output_usd_per_mtok: 200 },
  })

  test('win over the bundled ones and are named as source', () => {
    const pricer = createPricer({ overrides })
    expect(pricer.priceUsage(usage({ input_tokens: 2 }))).toEqual({ microusd: 200, source: fromFile })
    const mock = usage({
      provider: 'mock',
      model: 'mock-1',
      input_tokens: 10,
      cache_read_tokens: 100,
      output_tokens: 1,
    })
    expect(pricer.priceUsage(mock)).toEqual({ microusd: 25, source: fromFile })
  })

  test('hold for the other spellings of a model too', () => {
    const pricer = createPricer({ overrides })
    const asked = (model: string) => pricer.priceUsage(usage({ provider: 'mock', model, output_tokens: 1 })).microusd
    expect([asked('mock-1[1m]'), asked('models/mock-1'), asked('MOCK-1'), asked('mock-2')]).toEqual([5, 5, 5, null])
  })

  test('that changed stand beside those of before, so that what these priced can still be explained', () => {
    const priced = (input: number) => {
      const mock = { 'mock/mock-1': { input_usd_per_mtok: input, output_usd_per_mtok: 5 } }
      const pricer = createPricer({ overrides: parsePriceOverrides(mock) })
      const { source } = pricer.priceUsage(usage({ provider: 'mock', model: 'mock-1', input_tokens: 1 }))
      expect(pricer.pricesUsed(new Date(0)).map((row) => row.price_source)).toEqual([source])
      return source
    }
    expect(priced(1)).toBe(priced(1))
    expect(priced(1)).not.toBe(priced(2))
  })

  test.each([
    [{ 'a/b': { input_usd_per_mtok: -1, output_usd_per_mtok: 1 } }, /input_usd_per_mtok is -1/],
    [{ 'a/b': { input_usd_per_mtok: 1 } }, /lacks output_usd_per_mtok/],
    [{ 'a/b': { input_usd_per_mtok: 1, output_usd_per_mtok: 1, input: 3 } }, /unknown key input/],
    [{ nomodel: { input_usd_per_mtok: 1, output_usd_per_mtok: 1 } }, /named "provider\/model"/],
    ['free', /must hold tables/],
  ])('%j is refused', (prices, message) => {
    expect(() => parsePriceOverrides(prices)).toThrow(message)
  })
})

test('every price applied is kept as a row that explains the total later', () => {
  const pricer = createPricer()
  pricer.priceUsage(usage({ input_tokens: 5 }))
  pricer.priceUsage(usage({ input_tokens: 6 }))
  const recordedAt = new Date('2026-11-20T12:00:00Z')
  expect(pricer.pricesUsed(recordedAt)).toEqual([
    {
      price_source: SOURCE,
      provider: 'anthropic',
      model: 'claude-sonnet-4-5-20250929',
      matched_model: 'anthropic/claude-sonnet-4-5',
      valid_from: new Date(0),
      input_microusd_per_mtok: 3_000_000,
      output_microusd_per_mtok: 15_000_000,
      cache_read_microusd_per_mtok: 300_000,
      cache_write_5m_microusd_per_mtok: 3_750_000,
      cache_write_1h_microusd_per_mtok: 6_000_000,
      tiers_json: expect.stringContaining('200000'),
      recorded_at: recordedAt,
    },
  ])
  expect(pricesUsed(recordedAt).length).toBeGreaterThan(0)
})

test('for every model of the big providers the sum equals the library, at any size and date', () => {
  const models = ['anthropic', 'openai', 'google', 'deepseek', 'x-ai', 'moonshotai'].flatMap((provider) =>
    (findProvider({ providerId: provider })?.models ?? [])
      .filter((model) => calcPrice({}, model.id, { providerId: provider })?.model === model)
      .map((model) => ({ provider, model })),
  )
  expect(models.length).toBeGreaterThan(50)
  const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 600_000 }))
  const moment = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2027-01-01') })
  fc.assert(
    fc.property(fc.constantFrom(...models), fc.tuple(count, count, count, count, count), moment, (one, tokens, ms) => {
      const [input, output, read, write5m, write1h] = tokens
      const ts = new Date(ms)
      const anthropic = one.provider === 'anthropic'
      const writes = anthropic ? { cache_write_tokens: write5m + write1h, cache_write_1h_tokens: write1h } : {}
      const written = anthropic ? write5m + write1h : 0
      const theirs = calcPrice(
        { input_tokens: input + read + written, cache_read_tokens: read, output_tokens: output, ...writes },
        one.model.id,
        { providerId: one.provider, timestamp: ts },
      )
      const price = theirs?.model_price
      const ours = priceUsage({
        provider: one.provider,
        model: one.model.id,
        ts,
        input_tokens: input,
        output_tokens: output,
        cache_read_tokens: read,
        cache_write_5m_tokens: anthropic ? write5m : 0,
        cache_write_1h_tokens: anthropic ? write1h : 0,
      })
      fc.pre(price?.input_mtok !== undefined && price.output_mtok !== undefined)
      fc.pre(!anthropic || price.cache_write_1h_mtok !== undefined)
      expect(Math.abs((ours.microusd ?? Number.NaN) - (theirs?.total_price ?? Number.NaN) * 1e6)).toBeLessThanOrEqual(1)
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['anthropic', 'claude-sonnet-5-5'],
  ['anthropic', 'claude-opus-4-15'],
  ['anthropic', 'claude-opus-4-6-fast'],
  ['anthropic', 'claude-sonnet-5-5-20270101'],
  ['google', 'gemini-2.5-pro-ultra'],
  ['google', 'publishers/anthropic/models/claude-sonnet-4-65'],
])('%s/%s, of which only a shorter name is in the list, has no price', (provider, model) => {
  expect(priceUsage(usage({ provider, model, input_tokens: 1000 }))).toEqual({ microusd: null, source: null })
})

test.each([
  ['anthropic', 'claude-sonnet-5-20270101', 'anthropic/claude-sonnet-5'],
  ['anthropic', 'claude-sonnet-5-latest', 'anthropic/claude-sonnet-5'],
  ['anthropic', 'claude-opus-4-1-thinking', 'anthropic/claude-opus-4-1'],
  ['anthropic', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'anthropic/claude-sonnet-4-5'],
  ['google', 'gemini-2.5-pro-preview-05-06', 'google/gemini-2.5-pro'],
  ['google', 'gemini-2.0-flash-001', 'google/gemini-2.0-flash'],
  ['google', 'gemini-3.1-pro-preview-customtools', 'google/gemini-3.1-pro-preview'],
  ['openai', 'gpt-5-nano-2025-08-07', 'openai/gpt-5-nano'],
  ['openai', 'ft:gpt-4o-2024-08-06:acme::b1', 'openai/ft:gpt-4o'],
])('%s/%s is a release or a manner of %s', (provider, model, matched) => {
  const pricer = createPricer()
  expect(pricer.priceUsage(usage({ provider, model, input_tokens: 1000 })).microusd).toBeGreaterThan(0)
  expect(pricer.pricesUsed(new Date())).toMatchObject([{ matched_model: matched }])
})

test('what was served fast or with priority is not called as cheap as usual; its own price counts', () => {
  const fast = usage({ model: 'us.anthropic.claude-opus-4-8[fast]', input_tokens: 1_000_000 })
  expect(createPricer().priceUsage(usage({ model: 'claude-opus-4-8', input_tokens: 1_000_000 })).microusd).toBe(5e6)
  expect(createPricer().priceUsage(fast)).toEqual({ microusd: null, source: null })
  const dear = { input_usd_per_mtok: 30, output_usd_per_mtok: 150 }
  const usual = parsePriceOverrides({ 'anthropic/claude-opus-4-8': dear })
  expect(createPricer({ overrides: usual }).priceUsage(fast).microusd).toBeNull()
  const own = parsePriceOverrides({ 'anthropic/claude-opus-4-8[fast]': dear })
  expect(createPricer({ overrides: own }).priceUsage(fast).microusd).toBe(30e6)
})

test('what was served within the United States only costs a tenth more, of every kind', () => {
  const counts = {
    input_tokens: 1_000_000,
    cache_read_tokens: 2_000_000,
    cache_write_1h_tokens: 500_000,
    output_tokens: 100_000,
  }
  const [usual, american] = ['claude-opus-4-8', 'claude-opus-4-8[us]'].map(
    (model) => createPricer().priceUsage(usage({ model, ...counts })).microusd ?? Number.NaN,
  )
  expect(american).toBe(Math.round((usual ?? 0) * 1.1))
})

test.each([
  'claude-sonnet-4-5',
  'claude-sonnet-4-5-20250929',
  'claude-sonnet-4-5@20250929',
  'claude-sonnet-4-5-20250929[1m]',
  'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
])('a price of vc.toml for a model without a date is that of %s, too', (model) => {
  const one = { input_usd_per_mtok: 1, output_usd_per_mtok: 2 }
  const other = { input_usd_per_mtok: 7, output_usd_per_mtok: 8 }
  const of = (prices: Record<string, unknown>) =>
    createPricer({ overrides: parsePriceOverrides(prices) }).priceUsage(usage({ model, input_tokens: 1_000_000 }))
      .microusd
  expect(of({ 'anthropic/claude-sonnet-4-5': one, 'anthropic/claude-sonnet-4': other })).toBe(1e6)
  expect(of({ 'anthropic/claude-sonnet-4-5': other, [`anthropic/${model}`]: one })).toBe(1e6)
})
