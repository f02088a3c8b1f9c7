import { hashOf } from './hash.ts'
import { ledgerKey, mergeFacts } from './ledger.ts'
import type { UsageFact } from './source.ts'

/**
 * Facts in memory by their key, each message once, with its largest usage. A Map would do the same and make each key
 * known to the whole engine first: with keys that are met once, that is most of the work.
 */
export class FactLedger {
  readonly #facts: UsageFact[] = []
  readonly #hashes: number[] = []
  #slots = new Int32Array(16).fill(-1)

  get size(): number {
    return this.#facts.length
  }

  add(fact: UsageFact): void {
    if (this.#facts.length * 2 >= this.#slots.length) this.#grow()
    const key = ledgerKey(fact)
    const hash = hashOf(key)
    const slot = this.#slotOf(key, hash)
    const row = this.#slots[slot] as number
    if (row >= 0) {
      this.#facts[row] = mergeFacts(this.#facts[row] as UsageFact, fact)
      return
    }
    this.#slots[slot] = this.#facts.push(fact) - 1
    this.#hashes.push(hash)
  }

  get(key: string): UsageFact | undefined {
    return this.#facts[this.#slots[this.#slotOf(key, hashOf(key))] as number]
  }

  /** In the order they came first. */
  values(): readonly UsageFact[] {
    return this.#facts
  }

  /** Where a key stands, or the free place it would take. */
  #slotOf(key: string, hash: number): number {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let row = this.#slots[slot] as number; row >= 0; row = this.#slots[slot] as number) {
      if (this.#hashes[row] === hash && ledgerKey(this.#facts[row] as UsageFact) === key) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4).fill(-1)
    const mask = slots.length - 1
    for (let row = 0; row < this.#hashes.length; row += 1) {
      let slot = (this.#hashes[row] as number) & mask
      while ((slots[slot] as number) >= 0) slot = (slot + 1) & mask
      slots[slot] = row
    }
    this.#slots = slots
  }
}
