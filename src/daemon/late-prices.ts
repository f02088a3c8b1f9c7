import type { Priced, Pricer } from '../collectors/prices/index.ts'
import { pricesOf, type VcConfig } from '../config/index.ts'
import { messageOf } from '../core/errors.ts'
import { K, type Log } from '../core/log.ts'
import {
  type MessageTokens,
  type Store,
  type UnpricedBehind,
  type UnpricedMessage,
  type UnpricedModel,
  unpricedMessages,
  unpricedModels,
} from '../store/index.ts'

/** Rows of one commit. */
const STEP = 2_000

const priceOf = (pricer: Pricer, { provider, model }: UnpricedModel, tokens: MessageTokens, ts: string): Priced =>
  pricer.priceUsage({ ...tokens, provider, model, ts: new Date(ts) })

// Whoever has no price for this has none for the model.
const TRIAL: MessageTokens = {
  ...{ input_tokens: 1, output_tokens: 0, cache_read_tokens: 0 },
  ...{ cache_write_5m_tokens: 0, cache_write_1h_tokens: 0 },
}

const priceModel = async (
  store: Pick<Store, 'db' | 'write'>,
  pricer: Pricer,
  of: UnpricedModel,
  signal: AbortSignal | undefined,
): Promise<number> => {
  let priced = 0
  for (let behind: UnpricedBehind | null = null; signal?.aborted !== true; ) {
    const messages: readonly UnpricedMessage[] = await unpricedMessages(store.db, { ...of, behind, limit: STEP })
    const rows = messages.flatMap((message) => {
      const { microusd, source } = priceOf(pricer, of, message, message.ts)
      if (microusd === null) return []
      return [{ ...message, ts: new Date(message.ts), cost_microusd: microusd, price_source: source }]
    })
    const at = new Date()
    // A row told again with a price is the fuller one: the ledger takes the price and leaves the rest.
    const batches = [
      { table: 'agent_usage', rows },
      { table: 'prices', rows: pricer.pricesUsed(at) },
    ]
    if (rows.length > 0) {
      const written = await store.write({ machineId: 'fleet', source: 'prices', at, batches, awaited: true })
      if (!written.ok) throw new Error(written.detail ?? 'the prices were not stored')
    }
    priced += rows.length
    if (messages.length < STEP) return priced
    behind = messages.at(-1) ?? behind
  }
  return priced
}

/**
 * Prices messages that were read before their model had a price: a person writes one into vc.toml after seeing that it
 * lacks, a newer vc brings some along. A message that has its price keeps it. A failure ends nothing.
 */
export const priceLate = async (
  store: Pick<Store, 'db' | 'write'>,
  config: Pick<VcConfig, 'prices'>,
  log: Log,
  signal?: AbortSignal,
): Promise<void> => {
  try {
    const models = await unpricedModels(store.db)
    if (models.length === 0) return
    // The price data are megabytes: loaded where there is something to price.
    const { createPricer, parsePriceOverrides } = await import('../collectors/prices/index.ts')
    const overrides = parsePriceOverrides(pricesOf(config))
    for (const of of models) {
      const trial = priceOf(createPricer({ overrides }), of, TRIAL, of.last_ts)
      if (trial.microusd === null) continue
      const rows = await priceModel(store, createPricer({ overrides }), of, signal)
      if (rows > 0)
        log.info({ [K.rows]: rows, model: of.model }, 'messages read before their price was known have it now')
    }
  } catch (error) {
    log.error({ [K.detail]: messageOf(error) }, 'messages without a price were not looked at again')
  }
}

export interface LatePrices {
  /** Looks with the prices of this configuration, once the looks before are done. */
  look(config: Pick<VcConfig, 'prices'>): void
  /** Ends between two commits; what has no price by then gets it after the next start. */
  stop(): Promise<void>
}

/** Beside all else: of half a year tens of thousands of messages take longer than anybody waits for a start or a stop. */
export const openLatePrices = (store: Pick<Store, 'db' | 'write'>, log: Log): LatePrices => {
  const ended = new AbortController()
  let running: Promise<void> = Promise.resolve()
  return {
    look(config) {
      running = running.then(() => (ended.signal.aborted ? undefined : priceLate(store, config, log, ended.signal)))
    },
    stop() {
      ended.abort()
      return running
    },
  }
}
