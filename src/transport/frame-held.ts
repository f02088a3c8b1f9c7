import type { RunOutput } from '../core/executor.ts'
import type { Frame, FrameSlot } from './frame.ts'

/** One look at a running frame, well below the shortest deadline a source has for its whole run. */
const LOOK_MS = 1_000
/** Looks in a row that find the same ask running before it holds up the others: it has run for two seconds, not three. */
const LOOKS = 3

export interface HeldFrame {
  readonly frame: Frame
  /** The ask that runs and lets no other begin. */
  readonly index: number
}

export interface HeldWatch {
  readonly read: (output: RunOutput) => Frame
  /** Once: what the frame has brought is there to be used, and what it has not begun may go another way. */
  readonly onHeld: (held: HeldFrame) => void
  /** Once, after `onHeld`: that ask has come to its end, and nothing else of the frame is waited for. */
  readonly onOver: (index: number, slot: FrameSlot) => void
}

const runningIn = (frame: Frame): number => frame.slots.findIndex((slot) => slot.is === 'cut')

/**
 * Follows a frame of several asks while it runs; a frame that ends within a second costs one timer. Returns what stops it.
 */
export function watchHeld(look: () => RunOutput, { read, onHeld, onOver }: HeldWatch): () => void {
  let [running, seen] = [-1, 0]
  let held = -1
  const timer = setInterval(() => {
    const frame = read(look())
    if (!frame.begun) return
    if (held !== -1) {
      const slot = frame.slots[held]
      if (slot?.is !== 'done') return
      clearInterval(timer)
      onOver(held, slot)
      return
    }
    const now = runningIn(frame)
    seen = now === running ? seen + 1 : 1
    running = now
    if (running === -1 || seen < LOOKS) return
    held = running
    onHeld({ frame, index: held })
  }, LOOK_MS)
  return () => clearInterval(timer)
}
