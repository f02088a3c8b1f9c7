/** A reader that fell so far behind is given up: what it would have seen is old by now. */
export class FellBehind extends Error {
  override readonly name = 'FellBehind'
}

/**
 * Reads a source to its end however slow its reader is, because whoever writes must never wait: tmux stops reading a terminal
 * whose only viewers do not take more. When `maxBytes` wait, `giveUp` is called once, what waits is dropped, and the reader
 * gets `FellBehind`. A failure of the source reaches the reader after what came before it.
 */
export async function* drained(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  giveUp: () => void,
): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = []
  let bytes = 0
  let end: { readonly failure: unknown } | null = null
  let wake = Promise.withResolvers<void>()

  const pump = async (): Promise<void> => {
    for await (const chunk of source) {
      if (end !== null) continue
      waiting.push(chunk)
      bytes += chunk.byteLength
      if (bytes > maxBytes) {
        waiting = []
        end = { failure: new FellBehind() }
        giveUp()
      }
      wake.resolve()
    }
  }
  const pumping = pump()
    .then(
      () => {
        end ??= { failure: null }
      },
      (failure: unknown) => {
        end ??= { failure }
      },
    )
    .finally(() => wake.resolve())

  try {
    while (true) {
      const [chunk] = waiting.splice(0, 1)
      if (chunk !== undefined) {
        bytes -= chunk.byteLength
        yield chunk
        continue
      }
      const ended = end as { readonly failure: unknown } | null
      if (ended !== null) {
        if (ended.failure !== null) throw ended.failure
        return
      }
      await wake.promise
      wake = Promise.withResolvers<void>()
    }
  } finally {
    end ??= { failure: null }
    void pumping
  }
}
