const QUOTE = 34
const BACKSLASH = 92
const isOpen = (byte: number): boolean => byte === 123 || byte === 91
const isClose = (byte: number): boolean => byte === 125 || byte === 93

/** Index of the closing quote of the string that opens at `at`, or -1. */
const stringEnd = (bytes: Buffer, at: number): number => {
  for (let i = bytes.indexOf(QUOTE, at + 1); i >= 0; i = bytes.indexOf(QUOTE, i + 1)) {
    let slashes = 0
    while (bytes[i - 1 - slashes] === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return i
  }
  return -1
}

/** Index after the value that starts at `at`: up to the `,` or `}` that ends it at its own depth, or -1. */
const valueEnd = (bytes: Buffer, at: number): number => {
  let depth = 0
  for (let i = at; i < bytes.length; i += 1) {
    const byte = bytes[i] as number
    if (byte === QUOTE) {
      i = stringEnd(bytes, i)
      if (i < 0) return -1
    } else if (isOpen(byte)) depth += 1
    else if (isClose(byte)) {
      if (depth === 0) return i
      depth -= 1
    } else if (byte === 44 && depth === 0) return i
  }
  return -1
}

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/**
 * Values of some top-level keys of a JSON object, without ever decoding the others: the file may hold project history
 * and secrets that must not become strings in this process. Null when it is not an object or is cut short.
 */
export const pickKeys = (bytes: Buffer, wanted: readonly string[]): Record<string, unknown> | null => {
  const open = bytes.indexOf(123)
  if (
    open < 0 ||
    bytes
      .subarray(0, open)
      .toString('latin1')
      .replace(/^\xef\xbb\xbf/, '')
      .trim() !== ''
  )
    return null
  const names = new Map(wanted.map((name) => [JSON.stringify(name), name]))
  const picked: Record<string, unknown> = {}
  let at = open + 1
  while (at < bytes.length) {
    const next = nextToken(bytes, at)
    if (bytes[next] === 125) return picked
    if (bytes[next] !== QUOTE) return null
    const keyEnd = stringEnd(bytes, next)
    const colon = keyEnd < 0 ? -1 : nextToken(bytes, keyEnd + 1)
    if (colon < 0 || bytes[colon] !== 58) return null
    const end = valueEnd(bytes, colon + 1)
    if (end < 0) return null
    const name = keyEnd - next > 80 ? undefined : names.get(bytes.toString('latin1', next, keyEnd + 1))
    const value = name === undefined ? undefined : parse(bytes.subarray(colon + 1, end))
    if (name !== undefined && value !== undefined) picked[name] = value
    at = bytes[end] === 44 ? end + 1 : end
  }
  return null
}

const nextToken = (bytes: Buffer, at: number): number => {
  let i = at
  while (bytes[i] === 32 || bytes[i] === 10 || bytes[i] === 13 || bytes[i] === 9) i += 1
  return i
}
