import type { DuckDBValue } from '@duckdb/node-api'
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
} from '@duckdb/node-api'

/** What leaves the store: JSON as it stands. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

type Convert = (value: DuckDBValue) => Plain

/** Integers within ±2^53 and exact decimals → number, else string; moments → ISO with Z; blobs → base64; else its text. */
const converter = (notFinite: (value: number) => Plain): Convert => {
  const convert: Convert = (value) => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number') return Number.isFinite(value) ? value : notFinite(value)
    if (typeof value === 'bigint') return integer(value)
    return instant(value) ?? decimal(value) ?? nested(value, convert) ?? String(value)
  }
  return convert
}

/** The one converter of driver values; NaN and ∞ → null, which is what a surface shows as unknown. */
export const toPlain = converter(() => null)

/** The same where an answer to somebody's own SQL is text: there NaN and ∞ are told by name, apart from NULL. */
export const toSpelled = converter(String)

const integer = (value: bigint): number | string => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

type Moment =
  | DuckDBDateValue
  | DuckDBTimestampValue
  | DuckDBTimestampTZValue
  | DuckDBTimestampMillisecondsValue
  | DuckDBTimestampSecondsValue
  | DuckDBTimestampNanosecondsValue

const instant = (value: object): string | undefined => {
  if (value instanceof DuckDBDateValue) return ending(value, value.days) ?? value.toString()
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return ending(value, value.micros) ?? iso(value.micros, 6)
  if (value instanceof DuckDBTimestampMillisecondsValue)
    return ending(value, value.millis) ?? iso(value.millis * 1000n, 6)
  if (value instanceof DuckDBTimestampSecondsValue)
    return ending(value, value.seconds) ?? iso(value.seconds * 1_000_000n, 6)
  if (value instanceof DuckDBTimestampNanosecondsValue) return ending(value, value.nanos) ?? iso(value.nanos, 9)
  return undefined
}

/** Before or after all time is no moment: the engine's word for it, which the driver writes as a far year. */
const ending = (value: Moment, ticks: number | bigint): string | undefined => {
  if (value.isFinite) return undefined
  return ticks > 0 ? 'infinity' : '-infinity'
}

const ISO_MS = 8_640_000_000_000_000n

/** Milliseconds are always written, finer digits only where they are not zero. Undefined for years that ISO 8601 has no room for. */
const iso = (ticks: bigint, digits: 6 | 9): string | undefined => {
  const perMs = digits === 6 ? 1000n : 1_000_000n
  let ms = ticks / perMs
  let rest = ticks % perMs
  if (rest < 0n) {
    ms -= 1n
    rest += perMs
  }
  if (ms > ISO_MS || ms < -ISO_MS) return undefined
  const text = new Date(Number(ms)).toISOString()
  if (rest === 0n) return text
  return text.replace(
    'Z',
    `${String(rest)
      .padStart(digits - 3, '0')
      .replace(/0+$/, '')}Z`,
  )
}

const MAX_EXACT = 10n ** 15n

const decimal = (value: object): number | string | undefined => {
  if (!(value instanceof DuckDBDecimalValue)) return undefined
  const exact = value.value < MAX_EXACT && value.value > -MAX_EXACT
  return exact ? value.toDouble() : value.toString()
}

const nested = (value: object, convert: Convert): Plain | undefined => {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(convert)
  if (value instanceof DuckDBStructValue) return mapValues(Object.entries(value.entries), convert)
  if (value instanceof DuckDBMapValue)
    return mapValues(
      value.entries.map(({ key, value: item }) => [keyOf(key), item]),
      convert,
    )
  if (value instanceof DuckDBUnionValue) return convert(value.value)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  return undefined
}

// By name, everywhere: as null two keys would be one.
const keyOf = (key: DuckDBValue): string => {
  const plain = toSpelled(key)
  return typeof plain === 'string' ? plain : JSON.stringify(plain)
}

const mapValues = (entries: readonly (readonly [string, DuckDBValue])[], convert: Convert): Plain =>
  Object.fromEntries(entries.map(([key, item]) => [key, convert(item)]))
