import type { RunClass, RunRequest } from '../../core/executor.ts'
import { laterUnlessNever } from '../run-watch.ts'
import type { ChannelSlots, SlotRelease } from './channel-slots.ts'

/** One try to run on a slot. `refused` = the server would not open a channel, so nothing ran. */
export type Try<T> =
  | { readonly is: 'done'; readonly value: T }
  | { readonly is: 'refused'; readonly detail: string; readonly retire: () => void }

export type ThroughSlots<T> =
  | { readonly is: 'done'; readonly value: T; readonly release: SlotRelease; readonly queueMs: number }
  | { readonly is: 'not_run'; readonly class: RunClass; readonly detail: string; readonly queueMs: number }

// A server frees a session a moment after the channel closed, so a lone refusal is asked again before it counts;
// after these the server must hold sessions of commands that would not die, and another connection is opened.
const LONE_REFUSAL_PAUSES_MS = [50, 250]

/** Resolves with null when `signal` fires or `ms` passes first. */
export const orGiveUp = <T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T | null> =>
  new Promise((settle, reject) => {
    const giveUp = () => settle(null)
    const timer = laterUnlessNever(giveUp, ms)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted) giveUp()
    const tidy = () => {
      if (timer !== null) clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
    work.then(
      (value) => {
        tidy()
        settle(value)
      },
      (error: unknown) => {
        tidy()
        reject(error)
      },
    )
  })

export const pause = async (ms: number, signal?: AbortSignal): Promise<void> =>
  void (await orGiveUp(new Promise<never>(() => {}), ms, signal))

/** The word for a run that was given up before it began. */
export const givenUp = (request: RunRequest, where: string): { class: RunClass; detail: string } =>
  request.signal?.aborted
    ? { class: 'aborted', detail: `given up ${where}` }
    : { class: 'timeout', detail: `${where} for more than ${request.deadlineMs} ms` }

/**
 * Waits for a slot and tries; a refused channel is queued, not failed: with others open the limit is learnt
 * (MaxSessions), alone it is asked again and then on a new connection. The caller releases the slot.
 */
export const throughSlots = async <T>(
  slots: ChannelSlots,
  request: RunRequest,
  tryOnce: (release: SlotRelease) => Promise<Try<T>>,
): Promise<ThroughSlots<T>> => {
  const askedAt = performance.now()
  for (let alone = 0; ; ) {
    const release = await slots.acquire(request.deadlineMs - (performance.now() - askedAt), request.signal)
    const queueMs = performance.now() - askedAt
    if (release === null) return { is: 'not_run', ...givenUp(request, 'waiting for a free channel'), queueMs }
    const tried = await tryOnce(release)
    if (tried.is === 'done') return { ...tried, release, queueMs }
    if (slots.held > 1) slots.learnFromRefusal()
    else if (alone > LONE_REFUSAL_PAUSES_MS.length) {
      release()
      return { is: 'not_run', class: 'transport', detail: `the server refuses channels: ${tried.detail}`, queueMs }
    } else {
      const pauseMs = LONE_REFUSAL_PAUSES_MS[alone]
      alone += 1
      if (pauseMs === undefined) tried.retire()
      else await pause(pauseMs, request.signal)
    }
    release()
  }
}
