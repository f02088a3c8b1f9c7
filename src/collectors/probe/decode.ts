import { decodeUtf8, displayText } from '../../core/text.ts'

// fifteen digits are more than any gauge of a machine has, and keep every figure made of them finite
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/
const COUNTER = /^\d{1,20}$/

/** A number as the probe writes it, else null: never NaN, never Infinity. */
export const numberOf = (text: string | undefined): number | null => {
  return text !== undefined && NUMBER.test(text) ? Number(text) : null
}

/** A whole number that a table's INTEGER column can hold, else null. */
export const integerOf = (text: string | undefined): number | null => {
  const value = numberOf(text)
  return value !== null && Number.isInteger(value) && Math.abs(value) <= 0x7fffffff ? value : null
}

/** A kernel counter; these pass 2^53 on long-lived hosts, so they stay BigInt until two of them were subtracted. */
export const counterOf = (text: string | undefined): bigint | null =>
  text !== undefined && COUNTER.test(text) ? BigInt(text) : null

/** A counter or size in bytes as the store takes it (BIGINT), null when it is none or could not fit. */
export const bytesOf = (value: bigint | null): bigint | null => (value !== null && value <= MAX_BIGINT ? value : null)
const MAX_BIGINT = 2n ** 63n - 1n

/** `%XX` to bytes, bytes to UTF-8 with replacement; `-` is the probe's word for empty. */
export const decodeValue = (field: string | undefined): string => {
  if (field === undefined || field === '-') return ''
  if (!field.includes('%')) return field
  const bytes = new Uint8Array(Buffer.byteLength(field))
  const source = Buffer.from(field)
  let length = 0
  for (let at = 0; at < source.length; at += 1) {
    const hex = source[at] === 0x25 ? hexByte(source[at + 1], source[at + 2]) : null
    bytes[length] = hex ?? source[at] ?? 0
    if (hex !== null) at += 2
    length += 1
  }
  return decodeUtf8(bytes.subarray(0, length))
}

const nibble = (code: number | undefined): number => {
  if (code === undefined) return -1
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const lower = code | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1
}

const hexByte = (high: number | undefined, low: number | undefined): number | null => {
  const [left, right] = [nibble(high), nibble(low)]
  return left < 0 || right < 0 ? null : left * 16 + right
}

/** Decoded and made safe to keep as display text; null for empty. */
export const textOf = (field: string | undefined, max = 256): string | null =>
  displayText(decodeValue(field), max) || null

/** The same text by itself, to be kept: a piece that was cut out of the text of a look keeps all of that in memory. */
export const ownText = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

/** Decoded for use as a path: exact, because it travels back as an argument; null for empty or longer than a path can be. */
export const pathOf = (field: string | undefined): string | null => {
  const path = decodeValue(field)
  return path === '' || path.length > 4096 || path.includes('\0') ? null : path
}
