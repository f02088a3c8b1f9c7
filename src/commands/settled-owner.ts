import { setTimeout as pause } from 'node:timers/promises'
import { isStopped } from './holder-words.ts'
import type { StorePlaces } from './store-places.ts'

export interface OwnerPorts {
  /** Whether a daemon answers. */
  answers(): Promise<boolean>
  /** The live process that has the store; null when nobody has. */
  holder(): Promise<number | null>
  /** Told once, with the pid that is waited for. */
  onWait?(pid: number): void
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

/** How long somebody who has the store without answering is waited for: a look at machines that do not answer takes 25 s. */
export const SETTLE_MS = 30_000
/** Most commands let go sooner: who waits for those has nothing to read. */
export const NOTE_AFTER_MS = 1_000
const STEP_MS = 50

/** Looks until something is seen; null when nothing was in time. Who has the store meanwhile is told once. */
export const untilSettled = async <Seen>(
  look: () => Promise<Seen | null>,
  { holder, onWait, signal }: Pick<OwnerPorts, 'holder' | 'onWait' | 'signal'>,
  patienceMs = SETTLE_MS,
): Promise<Seen | null> => {
  const began = performance.now()
  for (let told = false; ; await pause(STEP_MS)) {
    const seen = await look()
    const waitedMs = performance.now() - began
    if (seen !== null || waitedMs >= patienceMs || signal?.aborted) return seen
    if (told || waitedMs < NOTE_AFTER_MS) continue
    const pid = await holder()
    // It let go just now, or the lock names nobody: such a one does not go away by waiting, nor does one that was stopped.
    if (pid === null) return look()
    if (isStopped(pid)) return look()
    onWait?.(pid)
    told = true
  }
}

/**
 * Who has the store and does not answer is a daemon that starts, or another command that lets go of it soon: waits until one
 * of both has come true. `silent`: neither did in time.
 */
export const settledOwner = async (
  { answers, ...ports }: OwnerPorts,
  patienceMs = SETTLE_MS,
): Promise<'answers' | 'free' | 'silent'> => {
  const look = async () => {
    if (await answers()) return 'answers'
    return (await ports.holder()) === null ? 'free' : null
  }
  return (await untilSettled(look, ports, patienceMs)) ?? 'silent'
}

/** The same for who needs no more than the places. Who stays silent is met again, with its name, by whoever opens the file. */
export const ownerAnswers = async (places: StorePlaces): Promise<boolean> => {
  const [{ daemonPid }, { storeHolder }] = await Promise.all([import('./store-places.ts'), import('./store-holder.ts')])
  const answers = async () => (await daemonPid(places)) !== null
  const { onWait } = places
  const ports = { answers, holder: () => storeHolder(places.dataDir), ...(onWait ? { onWait } : {}) }
  return (await settledOwner(ports)) === 'answers'
}
