/** Seeded randomness: the same seed writes the same corpus on every machine. */
export interface Random {
  /** Whole number in [low, high]. */
  int(low: number, high: number): number
  chance(share: number): boolean
  pick<T>(items: readonly T[]): T
  hex(length: number): string
  uuid(): string
  /** Version 7 UUID of a moment. */
  uuid7(ms: number): string
}

// mulberry32: small, fast, good enough for test data.
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const hex = (length: number): string => Array.from({ length }, () => int(0, 15).toString(16)).join('')
  return {
    int,
    chance: (share) => next() < share,
    pick: <T>(items: readonly T[]): T => items[int(0, items.length - 1)] as T,
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    uuid7: (ms) => {
      const time = ms.toString(16).padStart(12, '0')
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-a${hex(3)}-${hex(12)}`
    },
  }
}

/** Planted in every message, tool call and credential file; must be found nowhere in what vc keeps. */
export const CANARY = 'canary-zebra-4711'

const WORDS =
  'const return the value of "name" in line => { a \\ path/to/file.ts } usage tokens 12 ] , stop reason 東京 naïve'.split(
    ' ',
  )

/** Text of about `bytes`, with quotes, backslashes, line breaks and the canary. */
export const createProse = (random: Random): ((bytes: number) => string) => {
  const parts: string[] = []
  for (let size = 0; size < 256 * 1024; size += parts.at(-1)?.length ?? 1)
    parts.push(random.chance(0.1) ? '\n' : random.chance(0.02) ? CANARY : random.pick(WORDS))
  const pool = parts.join(' ')
  return (bytes) => {
    const at = random.int(0, Math.max(0, pool.length - bytes - 1))
    return `${CANARY} ${bytes < pool.length ? pool.slice(at, at + bytes) : pool.repeat(Math.ceil(bytes / pool.length)).slice(0, bytes)}`
  }
}
