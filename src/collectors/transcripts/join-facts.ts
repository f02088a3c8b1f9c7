import { KeyIndex } from './key-index.ts'
import { mergeFacts } from './ledger.ts'
import { type FactColumns, factReader, lineStarts, NUMBERS, packFacts, Table } from './pack.ts'
import type { Place, UsageFact } from './source.ts'

/** What several scans found, each message once, still in columns. */
export const joinFacts = (parts: readonly FactColumns[]): FactColumns => {
  const all = concat(parts)
  const index = new KeyIndex(all)
  const again: (readonly [first: number, row: number])[] = []
  for (let row = 0; row < all.count; row += 1) {
    const first = index.add(row)
    if (first >= 0) again.push([first, row])
  }
  if (again.length === 0) return all
  const factAt = factReader(all)
  const merged = new Map<number, UsageFact>()
  const gone = new Uint8Array(all.count)
  for (const [first, row] of again) {
    merged.set(first, mergeFacts(merged.get(first) ?? factAt(first), factAt(row)))
    gone[first] = 1
    gone[row] = 1
  }
  return concat([keep(all, gone), packFacts([...merged.values()])])
}

/** The rows that are not gone. */
const keep = (all: FactColumns, gone: Uint8Array): FactColumns => {
  const rows = new Int32Array(gone.reduce((count, is) => count - is, all.count))
  for (let row = 0, at = 0; row < all.count; row += 1) if (gone[row] === 0) rows[at++] = row
  const numbersAt = (column: Float64Array): Float64Array => pick(column, rows, new Float64Array(rows.length))
  const indicesAt = (column: Int32Array): Int32Array => pick(column, rows, new Int32Array(rows.length))
  return {
    ...all,
    count: rows.length,
    numbers: all.numbers.map(numbersAt),
    indices: all.indices.map(indicesAt),
    shared: indicesAt(all.shared),
    hashes: indicesAt(all.hashes),
    keys: keepLines(all.keys, gone),
    requestIds: keepLines(all.requestIds, gone),
  }
}

const pick = <Column extends Float64Array | Int32Array>(from: Column, rows: Int32Array, into: Column): Column => {
  for (let at = 0; at < rows.length; at += 1) into[at] = from[rows[at] as number] as number
  return into
}

/** Lines that stay are cut out in runs: most have neighbours that stay too. */
const keepLines = (text: string, gone: Uint8Array): string => {
  const starts = lineStarts(text, gone.length)
  const runs: string[] = []
  for (let from = gone.indexOf(0); from >= 0; ) {
    const to = gone.indexOf(1, from)
    runs.push(text.slice(starts[from], (starts[to < 0 ? gone.length : to] as number) - 1))
    from = to < 0 ? -1 : gone.indexOf(0, to)
  }
  return runs.join('\n')
}

const concat = (given: readonly FactColumns[]): FactColumns => {
  // No lines and one empty line would look alike.
  const parts = given.filter((part, n) => part.count > 0 || (n === 0 && given.every(({ count }) => count === 0)))
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const numbers = NUMBERS.map(() => new Float64Array(count))
  const indices = [0, 1, 2, 3].map(() => new Int32Array(count))
  const [shared, hashes] = [new Int32Array(count), new Int32Array(count)]
  const words = [new Table<string>(), new Table<string>(), new Table<string>()] as const
  const places = new Table<Place>()
  let at = 0
  for (const part of parts) {
    for (const [i, column] of part.numbers.entries()) numbers[i]?.set(column, at)
    shared.set(part.shared, at)
    hashes.set(part.hashes, at)
    const renumbered = [
      part.providers.map((item) => words[0].at(item)),
      part.models.map((item) => words[1].at(item)),
      part.sources.map((item) => words[2].at(item)),
      part.places.map((item) => places.at(item)),
    ]
    for (const [i, column] of part.indices.entries()) renumber(column, renumbered[i] ?? [], indices[i], at)
    at += part.count
  }
  return {
    ...{ count, numbers, indices, shared, hashes },
    providers: words[0].items,
    models: words[1].items,
    sources: words[2].items,
    places: places.items,
    keys: parts.map((part) => part.keys).join('\n'),
    requestIds: parts.map((part) => part.requestIds).join('\n'),
  }
}

const renumber = (from: Int32Array, numbers: readonly number[], into: Int32Array | undefined, at: number): void => {
  if (into === undefined) return
  for (let row = 0; row < from.length; row += 1) into[at + row] = numbers[from[row] as number] ?? -1
}
