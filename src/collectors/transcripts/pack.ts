import type { Priced, Pricer } from '../prices/index.ts'
import { hashOf } from './hash.ts'
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

/** Columns as they fill up, row by row. */
class Packing {
  readonly providers = new Table<string>()
  readonly models = new Table<string>()
  readonly sources = new Table<string>()
  readonly places = new Table<Place>()
  readonly numbers: readonly Float64Array[]
  readonly indices: readonly Int32Array[]
  readonly shared: Int32Array
  readonly hashes: Int32Array
  readonly keys: string[] = []
  readonly requestIds: string[] = []

  constructor(count: number) {
    this.numbers = NUMBERS.map(() => new Float64Array(count))
    this.indices = [0, 1, 2, 3].map(() => new Int32Array(count))
    this.shared = new Int32Array(count)
    this.hashes = new Int32Array(count)
  }

  add(fact: UsageFact, row: number, { microusd, source: priceSource }: Priced): void {
    const [ts, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, cost] = this.numbers as NumberColumns
    ts[row] = fact.tsMs
    input[row] = fact.inputTokens
    output[row] = fact.outputTokens
    cacheRead[row] = fact.cacheReadTokens
    cacheWrite5m[row] = fact.cacheWrite5mTokens
    cacheWrite1h[row] = fact.cacheWrite1hTokens
    reasoning[row] = fact.reasoningTokens
    cost[row] = microusd ?? Number.NaN
    const [provider, model, source, place] = this.indices as IndexColumns
    provider[row] = this.providers.at(fact.provider)
    model[row] = this.models.at(fact.model)
    source[row] = this.sources.at(priceSource)
    place[row] = this.places.at(fact.place)
    this.shared[row] = fact.shared === true ? 1 : 0
    const key = packedKey(fact.key)
    this.keys.push(key)
    this.hashes[row] = hashOf(key)
    this.requestIds.push(fact.requestId === null ? '' : packedKey(fact.requestId))
  }
}

type Column = Float64Array
type NumberColumns = readonly [Column, Column, Column, Column, Column, Column, Column, Column]
type IndexColumns = readonly [Int32Array, Int32Array, Int32Array, Int32Array]

const asPriced = ({ costMicrousd = null, priceSource = null }: UsageFact): Priced => ({
  microusd: costMicrousd,
  source: priceSource,
})

/** `priceOf`: what each fact costs; without it they are priced already. */
export const packFacts = (
  facts: readonly UsageFact[],
  priceOf: (fact: UsageFact) => Priced = asPriced,
): FactColumns => {
  const packing = new Packing(facts.length)
  // Not a loop: each shard's would be compiled anew, while the function called is compiled once.
  facts.forEach((fact, row) => {
    packing.add(fact, row, priceOf(fact))
  })
  const { numbers, indices, shared, hashes, keys, requestIds } = packing
  return {
    ...{ count: facts.length, numbers, indices, shared, hashes },
    providers: packing.providers.items,
    models: packing.models.items,
    sources: packing.sources.items,
    places: packing.places.items,
    keys: keys.join(SEPARATOR),
    requestIds: requestIds.join(SEPARATOR),
  }
}

/** The same with what each message costs. */
export const priceColumns = (facts: FactColumns, pricer: Pick<Pricer, 'priceUsage'>): FactColumns => {
  const [ts, input, output, cacheRead, cacheWrite5m, cacheWrite1h] = facts.numbers as NumberColumns
  const [provider, model] = facts.indices as IndexColumns
  const sources = new Table<string>()
  const cost = new Float64Array(facts.count)
  const priceAt = (at: number, row: number): number => {
    const { microusd, source } = pricer.priceUsage({
      provider: facts.providers[provider[row] as number] as string,
      model: facts.models[model[row] as number] ?? null,
      ts: new Date(at),
      input_tokens: input[row] as number,
      output_tokens: output[row] as number,
      cache_read_tokens: cacheRead[row] as number,
      cache_write_5m_tokens: cacheWrite5m[row] as number,
      cache_write_1h_tokens: cacheWrite1h[row] as number,
    })
    cost[row] = microusd ?? Number.NaN
    return sources.at(source)
  }
  const source = Int32Array.from(ts, priceAt)
  return {
    ...facts,
    numbers: [...facts.numbers.slice(0, -1), cost],
    indices: [provider, model, source, facts.indices[3] as Int32Array],
    sources: sources.items,
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
