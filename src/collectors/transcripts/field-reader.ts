import { type Field, FieldTree, treeOf } from './field-tree.ts'
import { HASH_SEED, HASH_STEP, hashOf } from './hash.ts'
import { parseJson } from './json-cut.ts'

// The bytes are not what the reader can vouch for (another layout, damage): parse the whole record instead.
const BAD = -1
const STOPPED = -2

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const COLON = 58
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN = 123
const CLOSE = 125

const ABSENT = 0
const ASCII = 1
const CODED = 2 // text beyond ASCII, or with escapes: decoded by JSON itself
const WHOLE = 3
const TRUE = 4
const OTHER = 5
const NESTED = 6

/**
 * Reads a few known fields of a JSON record from its bytes, walking every bracket and string but decoding only what is
 * asked for. Where it answers, JSON.parse of sound JSON says the same; where the text is unusual (white space between
 * tokens, escapes in keys, brackets that do not close) it says so. It holds the fields of the record it read last.
 */
export class FieldReader {
  readonly #paths: readonly string[]
  readonly #root: FieldTree
  readonly #stopNodes: readonly FieldTree[]
  readonly #kinds: Uint8Array
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #numbers: Float64Array
  /** Text of each field as last decoded: the same session, folder or model comes thousands of times. */
  readonly #texts: (string | null)[]
  #bytes: Buffer = Buffer.alloc(0)
  #end = 0
  #stopAt = -1

  /** `stop`: a list of which nothing is read; `resume` goes on behind it. */
  constructor(paths: readonly string[], stop?: string) {
    this.#paths = paths
    this.#root = treeOf(paths, stop)
    const above = stop?.split('.').slice(0, -1) ?? []
    const nodes: FieldTree[] = [this.#root]
    for (const name of above) nodes.unshift(nodes[0]?.get(hashOf(name))?.inner ?? new FieldTree([]))
    this.#stopNodes = nodes
    this.#kinds = new Uint8Array(paths.length)
    this.#starts = new Int32Array(paths.length)
    this.#ends = new Int32Array(paths.length)
    this.#numbers = new Float64Array(paths.length)
    this.#texts = paths.map(() => null)
  }

  /** Number of a field for the readers below; throws for a path that was not announced. */
  slot(path: string): number {
    const slot = this.#paths.indexOf(path)
    if (slot < 0) throw new Error(`no field ${path}`)
    return slot
  }

  /** Reads the object that fills `start`…`end`. True: all read. False: see `stoppedAt`, or the layout is unusual. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes
    this.#end = end
    this.#stopAt = -1
    this.#kinds.fill(ABSENT)
    return bytes[start] === OPEN && this.#isEnd(this.#members(start + 1, this.#root))
  }

  /** Index of the list that stopped the reading, or -1. */
  get stoppedAt(): number {
    return this.#stopAt
  }

  /** Goes on behind the list's closing bracket. The rest must close exactly the objects that were open. */
  resume(at: number): boolean {
    let i = at
    for (const node of this.#stopNodes) {
      i = this.#rest(i, node)
      if (i < 0) return false
    }
    return this.#isEnd(i)
  }

  /** True when the key is there, whatever its value. */
  has(slot: number): boolean {
    return this.#kinds[slot] !== ABSENT
  }

  isTrue(slot: number): boolean {
    return this.#kinds[slot] === TRUE
  }

  /** Text that stands there as it is, letter by letter. */
  isPlain(slot: number): boolean {
    return this.#kinds[slot] === ASCII
  }

  isNested(slot: number): boolean {
    return this.#kinds[slot] === NESTED
  }

  /** A whole number of at least 0, else 0. */
  count(slot: number): number {
    return this.#kinds[slot] === WHOLE ? (this.#numbers[slot] as number) : 0
  }

  isCount(slot: number): boolean {
    return this.#kinds[slot] === WHOLE
  }

  /** Where the value stands: text without its quotes, objects with their brackets. */
  start(slot: number): number {
    return this.#starts[slot] as number
  }

  end(slot: number): number {
    return this.#ends[slot] as number
  }

  text(slot: number): string | null {
    const kind = this.#kinds[slot]
    const [start, end] = [this.#starts[slot] as number, this.#ends[slot] as number]
    if (kind === CODED) {
      const value = parseJson(this.#bytes.toString('utf8', start - 1, end + 1))
      return typeof value === 'string' ? value : null
    }
    if (kind !== ASCII) return null
    const last = this.#texts[slot] as string | null
    if (last !== null && this.#spells(start, end, last)) return last
    const text = this.#bytes.toString('latin1', start, end)
    this.#texts[slot] = text
    return text
  }

  /** True when the field is this plain text: spares decoding it. */
  is(slot: number, text: string): boolean {
    return this.#kinds[slot] === ASCII && this.#spells(this.#starts[slot] as number, this.#ends[slot] as number, text)
  }

  #spells(start: number, end: number, text: string): boolean {
    if (end - start !== text.length) return false
    for (let i = 0; i < text.length; i += 1) if (this.#bytes[start + i] !== text.charCodeAt(i)) return false
    return true
  }

  #isEnd(at: number): boolean {
    return at === this.#end || (at === this.#end - 1 && this.#bytes[at] === 13)
  }

  /** After a value: the members that follow, up to and behind the closing bracket. */
  #rest(at: number, node: FieldTree): number {
    if (this.#bytes[at] === COMMA) return this.#members(at + 1, node)
    return this.#bytes[at] === CLOSE ? at + 1 : BAD
  }

  #members(at: number, node: FieldTree): number {
    const bytes = this.#bytes
    if (bytes[at] === CLOSE) return bytes[at - 1] === OPEN ? at + 1 : BAD
    for (let i = at; i < this.#end; i += 1) {
      if (bytes[i] !== QUOTE) return BAD
      const start = i + 1
      let hash = HASH_SEED
      for (i = start; bytes[i] !== QUOTE; i += 1) {
        const byte = bytes[i] as number
        if (byte === BACKSLASH || byte < 32 || i >= this.#end) return BAD
        hash = Math.imul(hash ^ byte, HASH_STEP)
      }
      if (bytes[i + 1] !== COLON) return BAD
      const field = node.get(hash)
      i = this.#value(i + 2, field !== null && field.length === i - start ? field : null)
      if (i < 0) return i
      if (bytes[i] === CLOSE) return i + 1
      if (bytes[i] !== COMMA) return BAD
    }
    return BAD
  }

  /** Index behind the value that begins at `at`. */
  #value(at: number, field: Field | null): number {
    const byte = this.#bytes[at] as number
    if (byte === QUOTE) return this.#string(at + 1, field)
    if (byte === OPEN || byte === OPEN_LIST) {
      if (field?.stops === true && byte === OPEN_LIST) {
        this.#stopAt = at
        return STOPPED
      }
      const inner = field?.inner ?? null
      const end = inner !== null && byte === OPEN ? this.#members(at + 1, inner) : this.#skip(at)
      if (end > 0 && field !== null) this.#keep(field.slot, NESTED, at, end)
      return end
    }
    return this.#literal(at, field)
  }

  #keep(slot: number, kind: number, start: number, end: number): void {
    if (slot < 0) return
    this.#kinds[slot] = kind
    this.#starts[slot] = start
    this.#ends[slot] = end
  }

  #string(start: number, field: Field | null): number {
    const bytes = this.#bytes
    let odd = 0
    for (let i = start; i < this.#end; i += 1) {
      const byte = bytes[i] as number
      if (byte === QUOTE) {
        if (field !== null) this.#keep(field.slot, odd < 128 ? ASCII : CODED, start, i)
        return i + 1
      }
      if (byte < 32) return BAD
      odd |= byte
      if (byte === BACKSLASH) {
        odd |= 128
        i += 1
      }
    }
    return BAD
  }

  #literal(at: number, field: Field | null): number {
    const bytes = this.#bytes
    let i = at
    let value = 0
    let digits = true
    for (; i < this.#end; i += 1) {
      const byte = bytes[i] as number
      if (byte === COMMA || byte === CLOSE || byte === CLOSE_LIST) break
      if (byte < 48 || byte > 57) digits = false
      value = value * 10 + byte - 48
    }
    if (digits && i > at && i - at < 16 && (bytes[at] !== 48 || i === at + 1)) {
      if (field === null || field.slot < 0) return i
      this.#keep(field.slot, WHOLE, at, i)
      this.#numbers[field.slot] = value
      return i
    }
    const kind = this.#word(at, i)
    if (kind === BAD) return BAD
    if (field === null) return i
    this.#keep(field.slot, kind, at, i)
    if (kind === OTHER) this.#keepNumber(field.slot, at, i)
    return i
  }

  // `12.0` and `1e3` are whole numbers too, as JSON.parse reads them.
  #keepNumber(slot: number, start: number, end: number): void {
    if (slot < 0 || this.#bytes[start] === MINUS) return
    const value = Number(this.#bytes.toString('latin1', start, end))
    if (!Number.isSafeInteger(value)) return
    this.#keep(slot, WHOLE, start, end)
    this.#numbers[slot] = value
  }

  #word(start: number, end: number): number {
    if (this.#spells(start, end, 'null') || this.#spells(start, end, 'false')) return OTHER
    if (this.#spells(start, end, 'true')) return TRUE
    // Fractions are no counts, but no damage either.
    return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(this.#bytes.toString('latin1', start, end))
      ? OTHER
      : BAD
  }

  /** Index behind the object or list at `at`, by its brackets; strings are stepped over. */
  #skip(at: number): number {
    const bytes = this.#bytes
    let depth = 0
    for (let i = at; i < this.#end; i += 1) {
      const byte = bytes[i] as number
      if (byte === QUOTE) {
        i = this.#string(i + 1, null) - 1
        if (i < 0) return BAD
      } else if (byte === OPEN || byte === OPEN_LIST) depth += 1
      else if (byte === CLOSE || byte === CLOSE_LIST) {
        depth -= 1
        if (depth === 0) return i + 1
      }
    }
    return BAD
  }
}
