import type { AskNote } from '../core/ask.ts'
import type { Trouble } from './frame-faults.ts'
import { threadCpuMs } from './thread-cpu.ts'

/** What one run's questions cost so far. */
export interface AskMeter {
  asks: number
  bytes: number
  /** CPU this process spent on what the run does with its answers. */
  cpuMs: number
  /** First trouble of the way (not of one source) that a question met. */
  lost: Trouble | null
  /** How the first of them went. */
  notes: AskNote[]
}

export const newMeter = (): AskMeter => ({ asks: 0, bytes: 0, cpuMs: 0, lost: null, notes: [] })

const MAX_NOTES = 100

export const noteAsk = (meter: AskMeter, note: () => AskNote): void => {
  if (meter.notes.length < MAX_NOTES) meter.notes.push(note())
}

/** Runs a synchronous piece on a run's account. */
export function onAccount<Result>(meter: AskMeter, piece: () => Result): Result {
  const from = threadCpuMs()
  try {
    return piece()
  } finally {
    meter.cpuMs += threadCpuMs() - from
  }
}

/**
 * Hands an answer over and charges what its receiver does with it at once: two immediates of one turn of the loop run
 * back to back, with only the receiver's continuations between them, so no other work is charged to it.
 */
export function deliver<Value>(meter: AskMeter, value: Value, to: (value: Value) => void): void {
  let from = 0
  setImmediate(() => {
    from = threadCpuMs()
    to(value)
  })
  setImmediate(() => {
    meter.cpuMs += threadCpuMs() - from
  })
}
