import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentSight } from '../core/agent-adapter.ts'
import type { AgentEye } from '../core/agent-eye.ts'

const BETWEEN_MS = 150
const MOST_LOOKS = 6

/** A look in which a dialog stood as it did in the one before: half-drawn ones read as another dialog, which nobody could answer. */
export async function steadyLook(
  eye: Pick<AgentEye, 'look'>,
  pause: (ms: number) => Promise<unknown> = (ms) => sleep(ms),
): Promise<AgentSight> {
  let before = await eye.look()
  for (let looks = 1; looks < MOST_LOOKS && before.dialog !== null; looks += 1) {
    await pause(BETWEEN_MS)
    const now = await eye.look()
    if (now.dialog?.hash === before.dialog.hash) return now
    before = now
  }
  return before
}
