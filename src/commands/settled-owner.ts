import { setTimeout as pause } from 'node:timers/promises'
import type { StorePlaces } from './store-places.ts'

export interface OwnerPorts {
  /** Whether a daemon answers. */
  answers(): Promise<boolean>
  /** The live process that has the store; null when nobody has. */
  holder(): Promise<number | null>
  /** Told once, with the pid that is waited for. */
  onWait?(pid: number): void
}

export const SETTLE_MS = 20_000
const STEP_MS = 50

/**
 * Who has the store and does not answer is a daemon that starts, or another command that lets go of it soon: waits until one
 * of both has come true. `silent`: neither did in time.
 */
export const settledOwner = async (
  { answers, holder, onWait }: OwnerPorts,
  patienceMs = SETTLE_MS,
): Promise<'answers' | 'free' | 'silent'> => {
  const until = performance.now() + patienceMs
  for (let told = false; ; told = true) {
    if (await answers()) return 'answers'
    const pid = await holder()
    if (pid === null) return 'free'
    if (performance.now() >= until) return 'silent'
    if (!told) onWait?.(pid)
    await pause(STEP_MS)
  }
}

/** The same for who needs no more than the places. Who stays silent is met again, with its name, by whoever opens the file. */
export const ownerAnswers = async (places: StorePlaces): Promise<boolean> => {
  const [{ daemonPid }, { storeHolder }] = await Promise.all([import('./store-places.ts'), import('./store-holder.ts')])
  const answers = async () => (await daemonPid(places)) !== null
  return (await settledOwner({ answers, holder: () => storeHolder(places.dataDir) })) === 'answers'
}
