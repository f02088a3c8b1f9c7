import { mergeFacts } from './ledger.ts'
import { columnsOfFacts, type FactColumns, factAt, indicesOf, NUMBERS, numbersOf, Table } from './pack.ts'
import type { Place, UsageFact } from './source.ts'

/** What several scans found, each message once, still in columns. */
export const joinFacts = (parts: readonly FactColumns[]): FactColumns => {
  const all = concat(parts)
  const rowOf = new Map<string, number>()
  const merged = new Map<number, UsageFact>()
  const kept: number[] = []
  for (let row = 0; row < all.count; row += 1) {
    const key = all.keys[row] as string
    const first = rowOf.get(key)
    if (first === undefined) {
      rowOf.set(key, row)
      kept.push(row)
    } else merged.set(first, mergeFacts(merged.get(first) ?? factAt(all, first), factAt(all, row)))
  }
  if (merged.size === 0) return all
  return concat([
    pick(
      all,
      kept.filter((row) => !merged.has(row)),
    ),
    columnsOfFacts([...merged.values()]),
  ])
}

const pick = (all: FactColumns, rows: readonly number[]): FactColumns => {
  const row = (at: number): number => rows[at] as number
  return {
    ...all,
    count: rows.length,
    numbers: all.numbers.map((column) => numbersOf(rows.length, (at) => column[row(at)] as number)),
    indices: all.indices.map((column) => indicesOf(rows.length, (at) => column[row(at)] as number)),
    shared: indicesOf(rows.length, (at) => all.shared[row(at)] as number),
    keys: rows.map((from) => all.keys[from] as string),
    requestIds: rows.map((from) => all.requestIds[from] as string),
  }
}

const concat = (parts: readonly FactColumns[]): FactColumns => {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const numbers = NUMBERS.map(() => new Float64Array(count))
  const indices = [0, 1, 2, 3].map(() => new Int32Array(count))
  const shared = new Int32Array(count)
  const words = [new Table<string>(), new Table<string>(), new Table<string>()] as const
  const places = new Table<Place>()
  let at = 0
  for (const part of parts) {
    for (const [i, column] of part.numbers.entries()) numbers[i]?.set(column, at)
    shared.set(part.shared, at)
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
    ...{ count, numbers, indices, shared },
    providers: words[0].items,
    models: words[1].items,
    sources: words[2].items,
    places: places.items,
    keys: parts.flatMap((part) => part.keys),
    requestIds: parts.flatMap((part) => part.requestIds),
  }
}

const renumber = (from: Int32Array, numbers: readonly number[], into: Int32Array | undefined, at: number): void => {
  if (into === undefined) return
  for (let row = 0; row < from.length; row += 1) into[at + row] = numbers[from[row] as number] ?? -1
}
