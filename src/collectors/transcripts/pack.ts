import { clean } from './ledger.ts'
import type { Place, UsageFact } from './source.ts'

/**
 * Facts in columns: crosses a thread boundary in a fraction of the time of as many objects. Ids are lines of one text,
 * for the same reason; none begins or ends the life of a string of its own unless somebody asks for it.
 */
export interface FactColumns {
  readonly count: number
  /** In the order of `NUMBERS`. A cost that is not known is NaN. */
  readonly numbers: readonly Float64Array[]
  /** Indices into the tables below, in their order; -1 is null. */
  readonly indices: readonly Int32Array[]
  readonly providers: readonly string[]
  readonly models: readonly string[]
  readonly sources: readonly string[]
  readonly places: readonly Place[]
  /** 1: the same message was seen in several sessions. */
  readonly shared: Int32Array
  /** One line per fact. */
  readonly keys: string
  /** `hashOf` each key. */
  readonly hashes: Int32Array
  /** One line per fact; an empty one is none. */
  readonly requestIds: string
}

export const NUMBERS = [
  'tsMs',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  'costMicrousd',
] as const

/** Gives each different item a number. */
export class Table<T> {
  readonly items: T[] = []
  readonly #index = new Map<T, number>()
  #last: T | undefined
  #lastAt = -1

  at(item: T | null | undefined): number {
    if (item === null || item === undefined) return -1
    if (item === this.#last) return this.#lastAt
    this.#last = item
    this.#lastAt = this.#index.get(item) ?? this.#add(item)
    return this.#lastAt
  }

  #add(item: T): number {
    this.#index.set(item, this.items.length)
    return this.items.push(item) - 1
  }
}

const SEPARATOR = '\n'
/** Ids as they are stored; the control characters that go include the line break. */
export const packedKey = (text: string): string => clean(text)

/** FNV-1a over the letters: equal texts have equal numbers, others nearly never. */
export const hashOf = (text: string): number => {
  let hash = -2_128_831_035
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619)
  return hash
}

/** Filled by index: `from` of a typed array takes ten times as long. */
export const numbersOf = (count: number, at: (row: number) => number): Float64Array => {
  const column = new Float64Array(count)
  for (let row = 0; row < count; row += 1) column[row] = at(row)
  return column
}

export const indicesOf = (count: number, at: (row: number) => number): Int32Array => {
  const column = new Int32Array(count)
  for (let row = 0; row < count; row += 1) column[row] = at(row)
  return column
}

export const packFacts = (facts: readonly UsageFact[]): FactColumns => {
  const count = facts.length
  const fact = (row: number): UsageFact => facts[row] as UsageFact
  const [providers, models, sources] = [new Table<string>(), new Table<string>(), new Table<string>()]
  const places = new Table<Place>()
  const keys = facts.map(({ key }) => packedKey(key))
  return {
    count,
    numbers: NUMBERS.map((name) => numbersOf(count, (row) => fact(row)[name] ?? Number.NaN)),
    indices: [
      indicesOf(count, (row) => providers.at(fact(row).provider)),
      indicesOf(count, (row) => models.at(fact(row).model)),
      indicesOf(count, (row) => sources.at(fact(row).priceSource)),
      indicesOf(count, (row) => places.at(fact(row).place)),
    ],
    providers: providers.items,
    models: models.items,
    sources: sources.items,
    places: places.items,
    shared: indicesOf(count, (row) => (fact(row).shared === true ? 1 : 0)),
    keys: keys.join(SEPARATOR),
    hashes: indicesOf(count, (row) => hashOf(keys[row] as string)),
    requestIds: facts.map(({ requestId }) => (requestId === null ? '' : packedKey(requestId))).join(SEPARATOR),
  }
}

/** Where each line of a text begins; the last number is where one more would. */
export const lineStarts = (text: string, count: number): Int32Array => {
  const starts = new Int32Array(count + 1)
  for (let row = 1; row < count; row += 1) starts[row] = text.indexOf(SEPARATOR, starts[row - 1]) + 1
  starts[count] = text.length + 1
  return starts
}

export const lineAt = (text: string, starts: Int32Array, row: number): string =>
  text.slice(starts[row], (starts[row + 1] as number) - 1)

/** The facts again, one by one. */
export const factReader = (columns: FactColumns): ((row: number) => UsageFact) => {
  const keys = lineStarts(columns.keys, columns.count)
  const requestIds = lineStarts(columns.requestIds, columns.count)
  return (row) => {
    const number = (column: number): number => columns.numbers[column]?.[row] as number
    const index = (column: number): number => columns.indices[column]?.[row] as number
    const cost = number(7)
    return {
      provider: columns.providers[index(0)] as string,
      key: lineAt(columns.keys, keys, row),
      tsMs: number(0),
      requestId: lineAt(columns.requestIds, requestIds, row) || null,
      model: columns.models[index(1)] ?? null,
      inputTokens: number(1),
      outputTokens: number(2),
      cacheReadTokens: number(3),
      cacheWrite5mTokens: number(4),
      cacheWrite1hTokens: number(5),
      reasoningTokens: number(6),
      place: columns.places[index(3)] as Place,
      shared: columns.shared[row] === 1,
      costMicrousd: Number.isNaN(cost) ? null : cost,
      priceSource: columns.sources[index(2)] ?? null,
    }
  }
}

export const factsOf = (columns: FactColumns): UsageFact[] => {
  const factAt = factReader(columns)
  return Array.from({ length: columns.count }, (_, row) => factAt(row))
}
