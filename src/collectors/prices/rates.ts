import { type ConditionalPrice, calcPrice, type ModelInfo, type ModelPrice } from '@pydantic/genai-prices'
import { isSameModel } from './same-model.ts'

/** Version of the bundled price data; a test compares it with the installed package. */
export const PRICE_DATA_VERSION = '0.1.8'

/** US dollars per million tokens (= microdollars per token); with tiers, the whole request pays the tier its input reaches. */
export type Rate = number | { readonly base: number; readonly tiers: readonly { start: number; price: number }[] }

/** What one token of each kind costs. A kind the data does not price apart costs what the wider kind costs. */
export interface Rates {
  readonly input: Rate | null
  readonly output: Rate | null
  readonly cacheRead: Rate | null
  readonly cacheWrite5m: Rate | null
  readonly cacheWrite1h: Rate | null
  /** Microdollars per request, on top. */
  readonly perRequest: number
}

export interface FoundRates {
  readonly rates: Rates
  readonly matchedModel: string
  readonly validFrom: Date
  readonly source: string
  /** How long the answer holds: for the model, for the UTC day, or only for this moment (prices by time of day). */
  readonly holds: 'always' | 'day' | 'moment'
}

const EPOCH = new Date(0)

/** How a message was served, behind its model's name: `claude-x[fast]`. What is sold so has a price of its own. */
const TIER = /\[(?:fast|priority|batch|flex)\]$/

/** Served within the United States only: every kind of token costs a tenth more there than the list says. */
const US_ONLY = /\[us\]$/
const US_FACTOR = 1.1

/** The release of a model: `-20250929`, `@20250929`, `-2025-08-07`, and behind it the one of a cloud, `-v1:0`. */
const RELEASE = /(?:[-@]\d{8}|-\d{4}-\d{2}-\d{2})?(?:-v\d+(?::\d+)?)?$/

/** Spellings CLIs use for one model: `claude-x[1m]`, `models/gemini-x`, `us.anthropic.claude-x-v1:0`; last the one without its date. */
export const spellings = (model: string): readonly string[] => {
  const tier = TIER.exec(model)?.[0] ?? ''
  if (tier !== '') return spellings(model.slice(0, -tier.length)).map((name) => `${name}${tier}`)
  const bare = model.replace(/\[[^\]]*\]$/, '')
  const leaf = bare.slice(bare.lastIndexOf('/') + 1)
  const vendorless = leaf.replace(/^(?:[a-z-]+\.)?anthropic\./, '')
  return [...new Set([model, bare, leaf, vendorless, vendorless.replace(RELEASE, '')])].filter((name) => name !== '')
}

const times = (rate: Rate, factor: number): Rate =>
  typeof rate === 'number'
    ? rate * factor
    : { base: rate.base * factor, tiers: rate.tiers.map((tier) => ({ ...tier, price: tier.price * factor })) }

/** Anthropic publishes the one-hour cache write as twice the input price; used only where the data names none. */
const oneHourWrite = (price: ModelPrice, model: ModelInfo): Rate | null => {
  if (price.cache_write_1h_mtok !== undefined) return price.cache_write_1h_mtok
  if (/claude/i.test(model.id) && price.input_mtok !== undefined) return times(price.input_mtok, 2)
  return price.cache_write_mtok ?? price.input_mtok ?? null
}

const toRates = (price: ModelPrice, model: ModelInfo, factor: number): Rates => {
  const of = (rate: Rate | null | undefined): Rate | null => (rate == null ? null : times(rate, factor))
  return {
    input: of(price.input_mtok),
    output: of(price.output_mtok),
    cacheRead: of(price.cache_read_mtok ?? price.input_mtok),
    cacheWrite5m: of(price.cache_write_mtok ?? price.input_mtok),
    cacheWrite1h: of(oneHourWrite(price, model)),
    perRequest: typeof price.requests_kcount === 'number' ? price.requests_kcount * 1000 : 0,
  }
}

const secondsOfDay = (time: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(/[:Z+-]/).map(Number)
  return hours * 3600 + minutes * 60 + seconds
}

// Prices by time of day share one date, so their start second keeps the rows of the `prices` table apart.
const validFrom = (entry: ConditionalPrice | undefined): Date => {
  const constraint = entry?.constraint
  if (constraint === undefined) return EPOCH
  if (constraint.type === 'start_date') return new Date(constraint.start_date)
  return new Date(secondsOfDay(constraint.start_time) * 1000)
}

const holds = (model: ModelInfo): FoundRates['holds'] => {
  if (!Array.isArray(model.prices)) return 'always'
  return model.prices.some((entry) => entry.constraint?.type === 'time_of_date') ? 'moment' : 'day'
}

/** Looks a model up in the bundled, dated data. Null: nobody there sells a model of that name, or only one of a shorter. Never touches the network. */
export const findRates = (provider: string, model: string, ts: Date): FoundRates | null => {
  // The bundled data matches by beginnings and knows none of them: it would call the usual price theirs.
  if (TIER.test(model)) return null
  for (const name of spellings(model)) {
    const found = lookUp(provider, name, ts)
    if (found === null) continue
    const entries = Array.isArray(found.model.prices) ? found.model.prices : []
    return {
      rates: toRates(found.model_price, found.model, US_ONLY.test(model) ? US_FACTOR : 1),
      matchedModel: `${found.provider.id}/${found.model.id}`,
      validFrom: validFrom(entries.find((entry) => entry.prices === found.model_price)),
      source: `genai-prices@${PRICE_DATA_VERSION}`,
      holds: holds(found.model),
    }
  }
  return null
}

// An empty provider would make the library guess one from the model's name.
const lookUp = (provider: string, model: string, ts: Date) => {
  if (provider === '') return null
  try {
    const found = calcPrice({}, model, { providerId: provider, timestamp: ts })
    if (found === null) return null
    return found.model.id === model || isSameModel(found.model.match, model) ? found : null
  } catch {
    // A price set the library itself refuses is as good as none: the tokens show as unpriced.
    return null
  }
}

export interface PricedTokens {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cache_read_tokens: number
  readonly cache_write_5m_tokens: number
  readonly cache_write_1h_tokens: number
}

const tierPrice = (rate: Exclude<Rate, number>, requestInputTokens: number): number => {
  let price = rate.base
  for (const tier of rate.tiers) if (requestInputTokens > tier.start) price = tier.price
  return price
}

/** NaN for tokens that have no price. */
const part = (count: number, rate: Rate | null, requestInputTokens: number): number => {
  if (count === 0) return 0
  if (typeof rate === 'number') return count * rate
  return rate === null ? Number.NaN : count * tierPrice(rate, requestInputTokens)
}

/** Microdollars of one request, rounded; null when some of its tokens have no price. Input excludes cache, tiers count it in. */
export const costMicrousd = (tokens: PricedTokens, rates: Rates): number | null => {
  const cached = tokens.cache_read_tokens + tokens.cache_write_5m_tokens + tokens.cache_write_1h_tokens
  const reach = tokens.input_tokens + cached
  const sum =
    rates.perRequest +
    part(tokens.input_tokens, rates.input, reach) +
    part(tokens.output_tokens, rates.output, reach) +
    part(tokens.cache_read_tokens, rates.cacheRead, reach) +
    part(tokens.cache_write_5m_tokens, rates.cacheWrite5m, reach) +
    part(tokens.cache_write_1h_tokens, rates.cacheWrite1h, reach)
  return Number.isFinite(sum) ? Math.round(sum) : null
}
