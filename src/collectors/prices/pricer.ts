import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import type { PriceOverrides } from './overrides.ts'
import {
  costMicrousd,
  type FoundRates,
  findRates,
  type PricedTokens,
  type Rate,
  type Rates,
  spellings,
} from './rates.ts'

/** One message or request: prices depend on its own size and moment, so never price a sum. */
export interface PriceableUsage extends PricedTokens {
  readonly provider: string
  readonly model: string | null
  readonly ts: Date
}

/** `microusd` null: unpriced, never to be shown as $0. */
export interface Priced {
  readonly microusd: number | null
  readonly source: string | null
}

export interface Unpriced {
  readonly provider: string
  readonly model: string
  readonly messages: number
  readonly tokens: number
}

export interface Pricer {
  priceUsage(usage: PriceableUsage): Priced
  /** Rows of the `prices` table for every price this pricer applied. */
  pricesUsed(recordedAt: Date): readonly Row[]
  /** Models that had no price, with what they used. */
  unpriced(): readonly Unpriced[]
}

const DAY_MS = 86_400_000
// Model names come from transcripts: a hostile file may hold millions. Beyond this the caches start again.
const MAX_MODELS = 5_000
const MAX_DAYS = 5_000
/** Slot of an answer that holds on every day. */
const ANY_DAY = Number.NaN

interface Applied extends FoundRates {
  readonly provider: string
  readonly model: string
}

type Book = Map<number, Applied | null>
const NO_PRICE: Priced = { microusd: null, source: null }

/** A pricer of its own for one run, so that `pricesUsed` names that run's prices only. Overrides win over the bundled data. */
export const createPricer = (options: { readonly overrides?: PriceOverrides } = {}): Pricer => {
  const books = new Map<string, Book>()
  const applied = new Map<string, Applied>()
  const misses = new Map<string, Unpriced>()

  const look = (provider: string, model: string, ts: Date): Applied | null => {
    const found = fromConfig(options.overrides, provider, model) ?? findRates(provider, model, ts)
    return found === null ? null : { ...found, provider, model }
  }

  const bookOf = (provider: string, model: string): Book => {
    const key = keyOf(provider, model)
    if (books.size >= MAX_MODELS && !books.has(key)) books.clear()
    const book: Book = books.get(key) ?? new Map()
    books.set(key, book)
    return book
  }

  // Thousands of messages of one model follow each other.
  let open: { readonly provider: string; readonly model: string; readonly book: Book } | null = null
  const ratesFor = (provider: string, model: string, ts: Date): Applied | null => {
    if (open === null || open.model !== model || open.provider !== provider)
      open = { provider, model, book: bookOf(provider, model) }
    const { book } = open
    const day = Math.floor(ts.getTime() / DAY_MS)
    const known = book.has(ANY_DAY) ? book.get(ANY_DAY) : book.get(day)
    if (known !== undefined) return known
    const found = look(provider, model, ts)
    if (book.size >= MAX_DAYS) book.clear()
    if (found?.holds !== 'moment') book.set(found?.holds === 'day' ? day : ANY_DAY, found)
    return found
  }

  const miss = (usage: PriceableUsage): Priced => {
    const key = keyOf(usage.provider, usage.model ?? '')
    const before = misses.get(key)
    if (before === undefined && misses.size >= MAX_MODELS) return NO_PRICE
    const messages = (before?.messages ?? 0) + 1
    const tokens = (before?.tokens ?? 0) + tokensOf(usage)
    misses.set(key, { provider: usage.provider, model: usage.model ?? '', messages, tokens })
    return NO_PRICE
  }

  let last: Applied | null = null
  const remember = (found: Applied): void => {
    if (found === last) return
    last = found
    const key = `${found.provider}\n${found.model}\n${found.validFrom.getTime()}`
    if (applied.size < MAX_MODELS && !applied.has(key)) applied.set(key, found)
  }

  return {
    priceUsage(usage) {
      const { provider, model, ts } = usage
      if (model === null || model === '' || Number.isNaN(ts.getTime())) return miss(usage)
      const found = ratesFor(provider, model, ts)
      const microusd = found === null ? null : costMicrousd(usage, found.rates)
      if (found === null || microusd === null) return miss(usage)
      remember(found)
      return { microusd, source: found.source }
    },
    pricesUsed: (recordedAt) => [...applied.values()].map((entry) => priceRow(entry, recordedAt)),
    unpriced: () => [...misses.values()],
  }
}

const keyOf = (provider: string, model: string): string => `${provider}\n${model}`

/** A name as a CLI spells it finds its price like a bundled one does; the exact one comes first. */
const fromConfig = (overrides: PriceOverrides | undefined, provider: string, model: string): FoundRates | null => {
  for (const name of spellings(model)) {
    const rates = overrides?.get(`${provider}/${name}`.toLowerCase())
    if (rates === undefined) continue
    // A price that was changed since is another source: what it was stays told beside the messages it priced.
    const source = `vc.toml@${sha256(JSON.stringify(rates)).slice(0, 8)}`
    return { rates, matchedModel: name, validFrom: new Date(0), source, holds: 'always' }
  }
  return null
}

const tokensOf = (usage: PricedTokens): number =>
  usage.input_tokens +
  usage.output_tokens +
  usage.cache_read_tokens +
  usage.cache_write_5m_tokens +
  usage.cache_write_1h_tokens

const perMtok = (rate: Rate | null): number | null => {
  if (rate === null) return null
  return Math.round((typeof rate === 'number' ? rate : rate.base) * 1e9) / 1e3
}

const tiersJson = (rates: Rates): string | null => {
  const tiered = Object.entries(rates).filter(([, rate]) => typeof rate === 'object' && rate !== null)
  const perRequest = rates.perRequest > 0 ? { perRequest: rates.perRequest } : {}
  const all = { ...Object.fromEntries(tiered), ...perRequest }
  return Object.keys(all).length === 0 ? null : JSON.stringify(all)
}

const priceRow = (entry: Applied, recordedAt: Date): Row => ({
  price_source: entry.source,
  provider: entry.provider,
  model: entry.model,
  matched_model: entry.matchedModel,
  valid_from: entry.validFrom,
  input_microusd_per_mtok: perMtok(entry.rates.input),
  output_microusd_per_mtok: perMtok(entry.rates.output),
  cache_read_microusd_per_mtok: perMtok(entry.rates.cacheRead),
  cache_write_5m_microusd_per_mtok: perMtok(entry.rates.cacheWrite5m),
  cache_write_1h_microusd_per_mtok: perMtok(entry.rates.cacheWrite1h),
  tiers_json: tiersJson(entry.rates),
  recorded_at: recordedAt,
})
