import { sha256 } from '../../core/ids.ts'
import type { Row } from '../../core/rows.ts'
import type { PriceOverrides } from './overrides.ts'
import { rateBooks } from './rate-books.ts'
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

// Model names come from transcripts: a hostile file may hold millions.
const MAX_MODELS = 5_000

interface Applied extends FoundRates {
  readonly provider: string
  readonly model: string
}

/** What the bundled data says is the same for every run: looking one model up takes longer than pricing a hundred messages. */
const bundledRates = rateBooks(findRates)

const NO_PRICE: Priced = { microusd: null, source: null }

/** A pricer of its own for one run, so that `pricesUsed` names that run's prices only. Overrides win over the bundled data. */
export const createPricer = (options: { readonly overrides?: PriceOverrides } = {}): Pricer => {
  const applied = new Map<string, Applied>()
  const misses = new Map<string, Unpriced>()

  const ratesFor = rateBooks((provider, model, ts): Applied | null => {
    const found = fromConfig(options.overrides, provider, model) ?? bundledRates(provider, model, ts)
    return found === null ? null : { ...found, provider, model }
  })

  const miss = (usage: PriceableUsage): Priced => {
    const key = keyOf(usage.provider, usage.model ?? '')
    const before = misses.get(key)
    if (before === undefined && misses.size >= MAX_MODELS) return NO_PRICE
    const messages = (before?.messages ?? 0) + 1
    const tokens = (before?.tokens ?? 0) + tokensOf(usage)
    misses.set(key, { provider: usage.provider, model: usage.model ?? '', messages, tokens })
    return NO_PRICE
  }

  const remembered = new WeakSet<Applied>()
  const remember = (found: Applied): void => {
    if (remembered.has(found)) return
    remembered.add(found)
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
  if (overrides === undefined || overrides.size === 0) return null
  for (const name of spellings(model)) {
    const rates = overrides.get(`${provider}/${name}`.toLowerCase())
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
