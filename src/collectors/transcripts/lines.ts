const LF = 10

/** What a buffer may grow to for one line; longer lines are skipped and counted. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024
const START_BYTES = 4 * 1024 * 1024

/**
 * Gathers bytes into blocks of whole lines. Memory is one buffer: it grows for a long line up to `maxLineBytes`,
 * beyond that the line is dropped up to its LF. The buffer handed to `feed` is reused after the call.
 */
export class LineBlocks {
  /** Bytes of whole lines handed on (or skipped) so far: what a cursor may move by. */
  consumed = 0
  tooLong = 0
  skipping: boolean
  #buffer: Buffer
  #filled = 0
  /** Where what was handed on last ends in the buffer, for as long as it still stands there; else 0. */
  #fedTo = 0
  readonly #feed: (block: Buffer) => void
  readonly #maxLineBytes: number

  constructor(
    feed: (block: Buffer) => void,
    options: { buffer?: Buffer; maxLineBytes?: number; skipping?: boolean } = {},
  ) {
    this.#feed = feed
    this.#maxLineBytes = options.maxLineBytes ?? MAX_LINE_BYTES
    this.#buffer = options.buffer ?? Buffer.allocUnsafeSlow(START_BYTES)
    this.skipping = options.skipping ?? false
  }

  /** Free space to read into; never empty. */
  room(): Buffer {
    if (this.#filled === this.#buffer.length) this.#grow()
    return this.#buffer.subarray(this.#filled)
  }

  /** Says that the first `count` bytes of `room()` are now filled. */
  took(count: number): void {
    const from = this.#filled
    this.#fedTo = 0
    this.#filled += count
    const last = this.#buffer.subarray(from, this.#filled).lastIndexOf(LF)
    if (last < 0) {
      if (this.skipping) this.#drop()
      return
    }
    const end = from + last + 1
    this.#emit(end)
    this.#buffer.copyWithin(0, end, this.#filled)
    this.#filled -= end
    this.consumed += end
    this.#fedTo = end
  }

  /** So many bytes right before `consumed`; null where they are no longer in memory. Valid until the next call. */
  lastBytes(count: number): Buffer | null {
    const from = this.#fedTo - count
    return from >= this.#filled ? this.#buffer.subarray(from, this.#fedTo) : null
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const room = this.room()
      const part = bytes.subarray(at, at + room.length)
      room.set(part)
      at += part.length
      this.took(part.length)
    }
  }

  #emit(end: number): void {
    const first = this.skipping ? this.#buffer.indexOf(LF) + 1 : 0
    this.skipping = false
    if (first < end) this.#feed(this.#buffer.subarray(first, end))
  }

  #grow(): void {
    if (this.#buffer.length >= this.#maxLineBytes) {
      this.tooLong += 1
      this.skipping = true
      this.#drop()
      return
    }
    const bigger = Buffer.allocUnsafeSlow(Math.min(this.#buffer.length * 2, this.#maxLineBytes))
    this.#buffer.copy(bigger, 0, 0, this.#filled)
    this.#buffer = bigger
  }

  #drop(): void {
    this.consumed += this.#filled
    this.#filled = 0
  }
}
