/** The newest bytes of what went by, so that judging a file's end does not read it a second time. */
export class RecentBytes {
  readonly #kept: Buffer
  #filled = 0

  constructor(capacity: number) {
    this.#kept = Buffer.allocUnsafeSlow(capacity)
  }

  clear(): void {
    this.#filled = 0
  }

  add(bytes: Buffer): void {
    const capacity = this.#kept.length
    const part = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes
    const stay = Math.min(this.#filled, capacity - part.length)
    this.#kept.copyWithin(0, this.#filled - stay, this.#filled)
    part.copy(this.#kept, stay)
    this.#filled = stay + part.length
  }

  /** Valid until the next `add`. */
  bytes(): Buffer {
    return this.#kept.subarray(0, this.#filled)
  }
}
