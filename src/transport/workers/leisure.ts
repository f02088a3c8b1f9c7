/** Jobs of one tick follow each other at once: between them nothing is begun. */
const AFTER_MS = 100

/** What a thread does when nobody asks it anything: bit by bit, so that the next question waits for one bit at most. */
export class Leisure {
  readonly #bit: () => boolean
  #timer: NodeJS.Timeout | null = null
  #turn: NodeJS.Immediate | null = null

  /** `bit` says whether more is left. */
  constructor(bit: () => boolean) {
    this.#bit = bit
  }

  begin(): void {
    this.end()
    this.#timer = setTimeout(() => this.#next(), AFTER_MS).unref()
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#turn !== null) clearImmediate(this.#turn)
    this.#timer = null
    this.#turn = null
  }

  // One that does not keep the thread would let it sleep before its next bit.
  #next(): void {
    this.#turn = this.#bit() ? setImmediate(() => this.#next()) : null
  }
}
