/** A line that says something about the state, and where in its file it begins. */
export interface TellingLine {
  readonly at: number
  readonly bytes: number
  readonly record: unknown
}

interface KnownEnd {
  readonly inode: string
  readonly offset: number
  readonly lines: readonly TellingLine[]
  readonly bytes: number
}

/** Agents that write now have an end of some tens of kilobytes each. */
const MAX_BYTES = 4 * 1024 * 1024

interface Placed {
  readonly path: string
  readonly inode: string
}

/** The last telling lines of files that are read on, so that a line that comes is judged with those before it unread. */
export class KnownEnds {
  readonly #ends = new Map<string, KnownEnd>()
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Null unless this file was last read up to `offset`. */
  linesBefore({ path, inode }: Placed, offset: number): readonly TellingLine[] | null {
    const end = this.#ends.get(path)
    return end !== undefined && end.inode === inode && end.offset === offset ? end.lines : null
  }

  /** Whoever was not read for longest is forgotten first. */
  keep({ path, inode }: Placed, offset: number, lines: readonly TellingLine[]): void {
    this.#forget(path)
    const bytes = lines.reduce((sum, line) => sum + line.bytes, 0)
    if (bytes > this.#maxBytes) return
    this.#ends.set(path, { inode, offset, lines, bytes })
    this.#bytes += bytes
    for (const eldest of this.#ends.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.#forget(eldest)
    }
  }

  #forget(path: string): void {
    this.#bytes -= this.#ends.get(path)?.bytes ?? 0
    this.#ends.delete(path)
  }
}
