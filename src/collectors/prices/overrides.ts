import { usageError } from '../../core/errors.ts'
import type { Rates } from './rates.ts'

/** `provider/model` (lower case) to the prices a person wrote into vc.toml. */
export type PriceOverrides = ReadonlyMap<string, Rates>

const KEYS = [
  'input_usd_per_mtok',
  'output_usd_per_mtok',
  'cache_read_usd_per_mtok',
  'cache_write_usd_per_mtok',
  'cache_write_1h_usd_per_mtok',
] as const
type Key = (typeof KEYS)[number]

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const price = (name: string, table: Record<string, unknown>, key: Key): number | undefined => {
  const value = table[key]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw usageError(
    'bad_price',
    `[prices."${name}"] ${key} is ${JSON.stringify(value)}; it must be US dollars per million tokens, 0 or more`,
    `write for example: ${key} = 3.0`,
  )
}

const required = (name: string, key: Key, value: number | undefined): number => {
  if (value !== undefined) return value
  throw usageError('bad_price', `[prices."${name}"] lacks ${key}`, `add ${key} (US dollars per million tokens)`)
}

const parseOne = (name: string, table: unknown): Rates => {
  if (!isTable(table) || !/^[^/]+\/.+$/.test(name))
    throw usageError(
      'bad_price',
      `[prices."${name}"] must be a table named "provider/model"`,
      'write for example: [prices."anthropic/claude-sonnet-4-5"] with input_usd_per_mtok and output_usd_per_mtok',
    )
  const unknown = Object.keys(table).find((key) => !KEYS.some((known) => known === key))
  if (unknown !== undefined)
    throw usageError('bad_price', `[prices."${name}"] has the unknown key ${unknown}`, `use ${KEYS.join(', ')}`)
  const input = required(name, 'input_usd_per_mtok', price(name, table, 'input_usd_per_mtok'))
  const write = price(name, table, 'cache_write_usd_per_mtok') ?? input
  return {
    input,
    output: required(name, 'output_usd_per_mtok', price(name, table, 'output_usd_per_mtok')),
    cacheRead: price(name, table, 'cache_read_usd_per_mtok') ?? input,
    cacheWrite5m: write,
    cacheWrite1h: price(name, table, 'cache_write_1h_usd_per_mtok') ?? write,
    perRequest: 0,
  }
}

/**
 * The `[prices."provider/model"]` tables of vc.toml; a cache price left out costs what input costs.
 * Throws VcError `bad_price` naming the table and the key.
 */
export const parsePriceOverrides = (prices: unknown): PriceOverrides => {
  if (prices === undefined || prices === null) return new Map()
  if (!isTable(prices))
    throw usageError('bad_price', '[prices] must hold tables named "provider/model"', 'write [prices."provider/model"]')
  return new Map(Object.entries(prices).map(([name, table]) => [name.toLowerCase(), parseOne(name, table)]))
}
