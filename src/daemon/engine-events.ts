import type { EngineEvent } from '../core/engine.ts'

/** What happens to agents that vc keeps, as it is committed. */
export interface EngineEvents {
  tell(event: EngineEvent): void
  /**
   * `for await (const event of events.watch())`: every event from now on, in order. A reader that falls behind by more than
   * `keep` loses the oldest and is told how many by `skipped`. Ends when the engine stops or `signal` says so.
   */
  watch(options?: {
    readonly agentId?: string
    readonly signal?: AbortSignal
    readonly keep?: number
  }): AsyncIterableIterator<EngineEvent & { readonly skipped: number }>
  close(): void
}

interface Listener {
  readonly waiting: EngineEvent[]
  readonly agentId: string | null
  readonly keep: number
  skipped: number
  wake: (() => void) | null
}

export const openEngineEvents = (): EngineEvents => {
  const listeners = new Set<Listener>()
  let closed = false

  async function* read(listener: Listener, signal: AbortSignal | undefined) {
    const wake = (): void => listener.wake?.()
    signal?.addEventListener('abort', wake)
    try {
      for (;;) {
        const event = listener.waiting.shift()
        if (event !== undefined) {
          const skipped = listener.skipped
          listener.skipped = 0
          yield { ...event, skipped }
        } else if (closed || signal?.aborted) return
        else
          await new Promise<void>((resolve) => {
            listener.wake = resolve
          })
      }
    } finally {
      listeners.delete(listener)
      signal?.removeEventListener('abort', wake)
    }
  }

  return {
    tell(event) {
      for (const listener of listeners) {
        if (listener.agentId !== null && listener.agentId !== event.agentId) continue
        listener.waiting.push(event)
        if (listener.waiting.length > listener.keep) {
          listener.waiting.shift()
          listener.skipped += 1
        }
        listener.wake?.()
      }
    },
    watch({ agentId, signal, keep = 1000 } = {}) {
      const listener: Listener = { waiting: [], agentId: agentId ?? null, keep, skipped: 0, wake: null }
      listeners.add(listener)
      return read(listener, signal)
    },
    close() {
      closed = true
      for (const listener of listeners) listener.wake?.()
    },
  }
}
