/** What stands where nothing is known. */
export const UNKNOWN = '?'

type Maybe = number | null | undefined

const isNumber = (value: Maybe): value is number => typeof value === 'number' && Number.isFinite(value)

const scaled = (value: number, step: number, units: readonly string[]): string => {
  let at = 0
  let rest = Math.abs(value)
  // 999.95 would be printed as 1000.0.
  while (rest >= step * 0.99995 && at < units.length - 1) {
    rest /= step
    at += 1
  }
  const digits = at === 0 ? String(Math.round(rest)) : rest >= 99.95 ? rest.toFixed(0) : rest.toFixed(1)
  return `${value < 0 ? '-' : ''}${digits}${units[at]}`
}

/** 1234 → `1.2k`, 3400000 → `3.4M`. */
export const tokens = (count: Maybe): string =>
  isNumber(count) ? scaled(count, 1000, ['', 'k', 'M', 'G', 'T']) : UNKNOWN

/** 1536 → `1.5K`, bytes in steps of 1024. */
export const bytes = (count: Maybe): string =>
  isNumber(count) ? scaled(count, 1024, ['B', 'K', 'M', 'G', 'T', 'P']) : UNKNOWN

/** Micro-dollars as dollars: `$12.30`, `$1.2k`; less than a cent is `<$0.01`. */
export const money = (microusd: Maybe): string => {
  if (!isNumber(microusd)) return UNKNOWN
  const dollars = microusd / 1e6
  if (dollars !== 0 && Math.abs(dollars) < 0.01) return '<$0.01'
  const sign = dollars < 0 ? '-' : ''
  return `${sign}$${Math.abs(dollars) >= 10_000 ? scaled(Math.abs(dollars), 1000, ['', 'k', 'M']) : Math.abs(dollars).toFixed(2)}`
}

/** 0–100 → `47%`. */
export const percent = (pct: Maybe): string => (isNumber(pct) ? `${Math.round(pct)}%` : UNKNOWN)

/** A whole number with thin groups: 12345 → `12,345`. */
export const count = (value: Maybe): string =>
  // `toLocaleString` takes a hundred times as long, and a table makes thousands of these at each key.
  isNumber(value) ? String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ',') : UNKNOWN

/** A number with `digits` decimals. */
export const decimal = (value: Maybe, digits = 1): string => (isNumber(value) ? value.toFixed(digits) : UNKNOWN)
