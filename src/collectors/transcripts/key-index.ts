import { hashOf } from './hash.ts'
import { type FactColumns, lineAt, lineStarts } from './pack.ts'

/** Rows of facts by their key: numbers only, a key becomes a string of its own where two hashes are equal. */
export class KeyIndex {
  readonly #facts: FactColumns
  readonly #slots: Int32Array
  readonly #mask: number
  #starts: Int32Array | null = null

  constructor(facts: FactColumns) {
    let size = 16
    while (size < facts.count * 2) size *= 2
    this.#facts = facts
    this.#slots = new Int32Array(size).fill(-1)
    this.#mask = size - 1
  }

  /** Row of the same key that was added first; -1 when this is the first, which is then added. */
  add(row: number): number {
    const hash = this.#facts.hashes[row] as number
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const other = this.#slots[slot] as number
      if (other < 0) {
        this.#slots[slot] = row
        return -1
      }
      if (this.#facts.hashes[other] === hash && this.#key(other) === this.#key(row)) return other
    }
  }

  /** Row of a key, or -1. */
  find(key: string): number {
    const hash = hashOf(key)
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = this.#slots[slot] as number
      if (row < 0 || (this.#facts.hashes[row] === hash && this.#key(row) === key)) return row
    }
  }

  #key(row: number): string {
    this.#starts ??= lineStarts(this.#facts.keys, this.#facts.count)
    return lineAt(this.#facts.keys, this.#starts, row)
  }
}

/** All rows of the facts by their key, of equal ones the first. */
export const keyIndexOf = (facts: FactColumns): KeyIndex => {
  const index = new KeyIndex(facts)
  for (let row = 0; row < facts.count; row += 1) index.add(row)
  return index
}
