import type { FollowEvent } from '../../core/session-host.ts'

/** A reader that lets more than this wait is behind: it gets the screen anew instead. */
const MAX_WAITING_BYTES = 1024 * 1024

export interface FollowQueue {
  push(bytes: Uint8Array): void
  over(event: FollowEvent & { readonly is: 'over' }): void
  /** Events in order; `takeScreen` is asked at the beginning and whenever the reader fell behind. */
  events(takeScreen: () => Promise<FollowEvent>): AsyncGenerator<FollowEvent, void>
}

/** Hands the bytes of one terminal to one reader and never lets them pile up. */
export const openFollowQueue = (): FollowQueue => {
  let waiting: Uint8Array[] = []
  let [bytes, behind] = [0, true]
  let last: FollowEvent | null = null
  let wake: () => void = () => {}
  return {
    push(chunk) {
      // what comes before the first screen is on it
      if (behind) return
      bytes += chunk.length
      waiting.push(chunk)
      if (bytes > MAX_WAITING_BYTES) [waiting, bytes, behind] = [[], 0, true]
      wake()
    },
    over(event) {
      last ??= event
      wake()
    },
    async *events(takeScreen) {
      for (let first = true; ; first = false) {
        if (!first) yield { is: 'skipped' }
        const screen = await takeScreen()
        behind = false
        yield screen
        while (!behind) {
          const next = waiting.shift()
          if (next !== undefined) {
            bytes -= next.length
            yield { is: 'output', bytes: next }
          } else if (last !== null) {
            yield last
            return
          } else await new Promise<void>((resolve) => (wake = resolve))
        }
      }
    },
  }
}
