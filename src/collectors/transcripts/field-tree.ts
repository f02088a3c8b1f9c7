import { hashOf } from './hash.ts'

/** A key that is asked for: where its value goes, whether reading stops at it, and the keys asked for inside it. */
export interface Field {
  readonly length: number
  readonly slot: number
  readonly stops: boolean
  readonly inner: FieldTree | null
}

/**
 * The keys of one object that are asked for, by hash: whoever writes keys that collide on purpose could as well have
 * written the numbers he wants. Never more than half full, so that each search ends.
 */
export class FieldTree {
  readonly #hashes: Int32Array
  readonly #fields: (Field | null)[]

  constructor(fields: readonly (readonly [name: string, field: Field])[]) {
    const size = 2 ** Math.ceil(Math.log2(fields.length * 2 + 2))
    this.#hashes = new Int32Array(size)
    this.#fields = Array.from({ length: size }, () => null)
    for (const [name, field] of fields) {
      const at = this.#placeOf(hashOf(name))
      this.#hashes[at] = hashOf(name)
      this.#fields[at] = field
    }
  }

  get(hash: number): Field | null {
    return this.#fields[this.#placeOf(hash)] as Field | null
  }

  /** Where a hash stands, or the free place it would take. */
  #placeOf(hash: number): number {
    const mask = this.#hashes.length - 1
    let at = hash & mask
    while (this.#fields[at] !== null && this.#hashes[at] !== hash) at = (at + 1) & mask
    return at
  }
}

/** The keys below `prefix` of paths such as `message.usage.input_tokens`; `slot` is the place of a path in the list. */
export const treeOf = (paths: readonly string[], stop: string | undefined, prefix = ''): FieldTree => {
  const inside = [...paths, ...(stop === undefined ? [] : [stop])].filter((path) => path.startsWith(prefix))
  const names = new Set(inside.map((path) => path.slice(prefix.length).split('.')[0] as string))
  return new FieldTree(
    [...names].map((name) => {
      const full = prefix + name
      const inner = paths.some((path) => path.startsWith(`${full}.`)) ? treeOf(paths, stop, `${full}.`) : null
      return [name, { length: name.length, slot: paths.indexOf(full), stops: full === stop, inner }]
    }),
  )
}
