/** Room for channels on one connection. Servers allow 10 by default and may allow 1. */
export interface ChannelSlots {
  /** Waits for a slot; null when `waitMs` passed or `signal` fired first. */
  acquire(waitMs: number, signal?: AbortSignal): Promise<SlotRelease | null>
  /** The server refused a channel: never more than those now open besides the refused one (at least 1). */
  learnFromRefusal(): void
  /** Another connection starts with the full number again. */
  reset(): void
  readonly held: number
  readonly limit: number
}

export type SlotRelease = () => void

interface Waiter {
  readonly take: (release: SlotRelease | null) => void
}

/** Opens `most` slots, handed out in order of asking. */
export const openChannelSlots = (most = 8): ChannelSlots => {
  let limit = most
  let held = 0
  const waiting: Waiter[] = []

  const hand = (): SlotRelease => {
    held += 1
    let released = false
    return () => {
      if (released) return
      released = true
      held -= 1
      pump()
    }
  }
  const pump = () => {
    while (held < limit && waiting.length > 0) waiting.shift()?.take(hand())
  }
  const wait = (waitMs: number, signal?: AbortSignal): Promise<SlotRelease | null> =>
    new Promise((settle) => {
      const done = (release: SlotRelease | null) => {
        if (timer !== null) clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
        settle(release)
      }
      const giveUp = () => {
        const at = waiting.indexOf(waiter)
        if (at >= 0) waiting.splice(at, 1)
        done(null)
      }
      const waiter: Waiter = { take: done }
      const timer = Number.isFinite(waitMs) ? setTimeout(giveUp, Math.min(Math.max(0, waitMs), 2 ** 31 - 1)) : null
      signal?.addEventListener('abort', giveUp, { once: true })
      waiting.push(waiter)
    })
  return {
    async acquire(waitMs, signal) {
      if (signal?.aborted) return null
      return held < limit && waiting.length === 0 ? hand() : wait(waitMs, signal)
    },
    learnFromRefusal() {
      limit = Math.max(1, Math.min(limit, held - 1))
    },
    reset() {
      limit = most
      pump()
    },
    get held() {
      return held
    },
    get limit() {
      return limit
    },
  }
}
