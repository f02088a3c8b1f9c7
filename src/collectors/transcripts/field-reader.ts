import { parseJson, timeOf } from './json-cut.ts'
import { floats, integers, isInReach, kernel, memory } from './kernel.ts'

// What stands in a slot; assembly/fields.ts has the same numbers.
const ABSENT = 0
const ASCII = 1
const CODED = 2
const WHOLE = 3
const TRUE = 4
const NESTED = 6
const NUMBER = 7

/**
 * Reads a few known fields of a JSON record from its bytes, decoding only what is asked for. Where it answers, JSON.parse of
 * sound JSON says the same; where the text is unusual (white space between tokens, escapes in keys, brackets that do not close)
 * it says so. It holds the fields of the record that was read last.
 */
export class FieldReader {
  /** What the kernel knows it by. */
  readonly address: number
  readonly #paths: readonly string[]
  readonly #tables = new Map<string, number>()
  readonly #kinds: number
  readonly #starts: number
  readonly #ends: number
  readonly #numbers: number
  /** Text of each field as last decoded: the same session, folder or model comes thousands of times. */
  readonly #texts: (string | null)[]

  /** `stop`: a list at which reading stops. */
  constructor(paths: readonly string[], stop?: string) {
    this.#paths = paths
    this.address = kernel.newReader(this.#layTable(stop, ''), paths.length)
    const places = this.address >> 2
    this.#kinds = integers[places + 2] as number
    this.#starts = (integers[places + 3] as number) >> 2
    this.#ends = (integers[places + 4] as number) >> 2
    this.#numbers = (integers[places + 5] as number) >> 3
    this.#texts = paths.map(() => null)
  }

  /** The keys below `prefix` of paths such as `message.usage.input_tokens`, where the kernel finds them. */
  #layTable(stop: string | undefined, prefix: string): number {
    const inside = [...this.#paths, ...(stop === undefined ? [] : [stop])].filter((path) => path.startsWith(prefix))
    const names = new Set(inside.map((path) => path.slice(prefix.length).split('.')[0] as string))
    const table = kernel.newTable(2 ** Math.ceil(Math.log2(names.size * 2 + 2)))
    for (const name of names) {
      const path = prefix + name
      const inner = inside.some((one) => one.startsWith(`${path}.`)) ? this.#layTable(stop, `${path}.`) : 0
      const at = kernel.reserve(name.length)
      memory.write(name, at, 'latin1')
      kernel.addKey(table, at, name.length, this.#paths.indexOf(path), path === stop ? 1 : 0, inner)
    }
    this.#tables.set(prefix, table)
    return table
  }

  /** Number of a field for the readers below; throws for a path that was not announced. */
  slot(path: string): number {
    const slot = this.#paths.indexOf(path)
    if (slot < 0) throw new Error(`no field ${path}`)
    return slot
  }

  /** What the kernel knows the keys inside an object by; throws where none was announced. */
  inside(path: string): number {
    const table = this.#tables.get(`${path}.`)
    if (table === undefined) throw new Error(`no fields inside ${path}`)
    return table
  }

  /** Reads the object that fills `start`…`end` of bytes in the kernel's reach. False: the layout is unusual, parse it whole. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (!isInReach(bytes)) return false
    return kernel.read(this.address, bytes.byteOffset + start, bytes.byteOffset + end) === 1
  }

  /** True when the key is there, whatever its value. */
  has(slot: number): boolean {
    return memory[this.#kinds + slot] !== ABSENT
  }

  isTrue(slot: number): boolean {
    return memory[this.#kinds + slot] === TRUE
  }

  isNested(slot: number): boolean {
    return memory[this.#kinds + slot] === NESTED
  }

  isCount(slot: number): boolean {
    return memory[this.#kinds + slot] === WHOLE || this.#spelled(slot) >= 0
  }

  /** A whole number of at least 0, else 0. */
  count(slot: number): number {
    if (memory[this.#kinds + slot] === WHOLE) return floats[this.#numbers + slot] as number
    return Math.max(0, this.#spelled(slot))
  }

  /** True when these are the very bytes that were kept of the field. */
  isKept(slot: number): boolean {
    return kernel.isKept(this.address, slot) === 1
  }

  keep(slot: number): void {
    kernel.keepText(this.address, slot)
  }

  /** Bytes of an object with its brackets. */
  bytes(slot: number): Buffer {
    return memory.subarray(integers[this.#starts + slot], integers[this.#ends + slot])
  }

  text(slot: number): string | null {
    const kind = memory[this.#kinds + slot]
    if (kind !== ASCII) return kind === CODED ? this.#decoded(slot) : null
    if (this.isKept(slot)) return this.#texts[slot] as string
    this.keep(slot)
    const text = this.#letters(slot)
    this.#texts[slot] = text
    return text
  }

  /** As `timeOf` says it of the text. */
  time(slot: number): number | null {
    const ms = kernel.momentAt(this.address, slot)
    return Number.isNaN(ms) ? timeOf(this.text(slot)) : ms
  }

  /** True when the field is this plain text: spares decoding it. */
  is(slot: number, text: string): boolean {
    if (memory[this.#kinds + slot] !== ASCII) return false
    const start = integers[this.#starts + slot] as number
    if ((integers[this.#ends + slot] as number) - start !== text.length) return false
    for (let i = 0; i < text.length; i += 1) if (memory[start + i] !== text.charCodeAt(i)) return false
    return true
  }

  #letters(slot: number): string {
    return memory.toString('latin1', integers[this.#starts + slot], integers[this.#ends + slot])
  }

  /** Text beyond ASCII, or with escapes: JSON itself decodes it. */
  #decoded(slot: number): string | null {
    const start = (integers[this.#starts + slot] as number) - 1
    const value = parseJson(memory.toString('utf8', start, (integers[this.#ends + slot] as number) + 1))
    return typeof value === 'string' ? value : null
  }

  /** A whole number that is not written as one: `12.0` and `1e3` are, as JSON.parse reads them. -1: it is none. */
  #spelled(slot: number): number {
    if (memory[this.#kinds + slot] !== NUMBER) return -1
    const letters = this.#letters(slot)
    const value = Number(letters)
    return Number.isSafeInteger(value) && !letters.startsWith('-') ? value : -1
  }
}
