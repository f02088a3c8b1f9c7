import { floats, integers, kernel, memory } from './kernel.ts'
import { type FactColumns, NUMBERS, Table } from './pack.ts'
import type { Place, RowSink } from './source.ts'

// The page as assembly/rows.ts lays it out; the kernel counts tokens, prices are not its business.
const MOST_ROWS = 4096
const TEXT_BYTES = 256 * 1024
const COUNTED = NUMBERS.length - 1
const INTEGERS = { place: 0, model: 1, hash: 2, all: 7 }
/** So many are taken at the end of a piece: on the page that is left, what one more piece brings finds room. */
const MANY_ROWS = 2048

const page = kernel.newRows()
const integersAt = page + COUNTED * MOST_ROWS * 8
const keysAt = integersAt + INTEGERS.all * MOST_ROWS * 4
const requestsAt = keysAt + TEXT_BYTES
const run = kernel.runAt() >> 3

/** Names of the models that the kernel knows, by its numbers. */
const models: string[] = []

/** The model in a slot of the record that a reader read last may stand in rows from here on. */
export const nameModel = (reader: number, slot: number, model: string): void => {
  if (!models.includes(model) && kernel.nameModel(reader, slot) === models.length) models.push(model)
}

/** Number of a model that was named; -1: none. */
export const modelNumber = (model: string | null): number => (model === null ? -1 : models.indexOf(model))

/** What rows say of the session they belong to. */
export interface RowRun {
  readonly firstMs: number
  readonly lastMs: number
  /** Of the last row, as is the model. */
  readonly contextTokens: number
  readonly model: string
}

/** Of the rows that were added since this was asked before; null: none. */
export const rowRun = (): RowRun | null => {
  if (floats[run] === 0) return null
  floats[run] = 0
  return {
    firstMs: floats[run + 1] as number,
    lastMs: floats[run + 2] as number,
    contextTokens: floats[run + 3] as number,
    model: models[floats[run + 4] as number] as string,
  }
}

const numbersOf = (column: number, count: number): Float64Array => {
  const start = (page >> 3) + column * MOST_ROWS
  return floats.slice(start, start + count)
}

const integersOf = (column: number, count: number): Int32Array => {
  const start = (integersAt >> 2) + column * MOST_ROWS
  return integers.slice(start, start + count)
}

// Rows of one sink at a time stand on the page.
let owner: UsageRows | null = null
const own = (rows: UsageRows): void => {
  if (owner === rows) return
  owner?.take(1)
  owner = rows
}

/**
 * Usage that the kernel found, page by page: only numbers and many lines of text come from there, no object per message. The same
 * message may stand there more than once, and among the facts beside it.
 */
export class UsageRows implements RowSink {
  readonly #places = new Table<Place>()
  readonly #providers = new Table<string>()
  /** Provider by place. */
  readonly #providerAt: number[] = []
  readonly #pages: FactColumns[] = []

  at(place: Place, provider: string): number {
    own(this)
    const at = this.#places.at(place)
    const by = this.#providers.at(provider)
    // Rows of the place that are on the page already have another one.
    if ((this.#providerAt[at] ?? by) !== by) this.take(1)
    this.#providerAt[at] = by
    return at
  }

  take(least = MANY_ROWS): void {
    const count = owner === this ? kernel.rowCount() : 0
    if (count === 0 || count < least) return
    this.#pages.push(this.#read(count))
    kernel.clearRows()
  }

  /** All so far, without prices; the page is free for others. */
  pages(): readonly FactColumns[] {
    this.take(1)
    if (owner === this) owner = null
    return this.#pages
  }

  #read(count: number): FactColumns {
    const places = integersOf(INTEGERS.place, count)
    const numbers = Array.from({ length: COUNTED }, (_, column) => numbersOf(column, count))
    return {
      count,
      numbers: [...numbers, new Float64Array(count).fill(Number.NaN)],
      indices: [
        places.map((place) => this.#providerAt[place] as number),
        integersOf(INTEGERS.model, count),
        new Int32Array(count).fill(-1),
        places,
      ],
      providers: this.#providers.items,
      models,
      sources: [],
      places: this.#places.items,
      shared: new Int32Array(count),
      keys: memory.toString('latin1', keysAt, kernel.keysStop() - 1),
      hashes: integersOf(INTEGERS.hash, count),
      requestIds: memory.toString('latin1', requestsAt, kernel.writeRequests() - 1),
    }
  }
}
