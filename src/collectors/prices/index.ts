import { createPricer } from './pricer.ts'

export { type PriceOverrides, parsePriceOverrides } from './overrides.ts'
export { createPricer, type PriceableUsage, type Priced, type Pricer, type Unpriced } from './pricer.ts'
export { PRICE_DATA_VERSION } from './rates.ts'

const shared = createPricer()

/** Prices one message with the bundled data alone; a run that knows vc.toml makes its own `createPricer({ overrides })`. */
export const priceUsage = shared.priceUsage
/** Rows of the `prices` table for everything `priceUsage` priced in this thread. */
export const pricesUsed = shared.pricesUsed
