// Less is what any timer may be late.
const LATE_MS = 25
const MORE_MS = 100
const TIMES = 5

/**
 * Gives up on somebody after `ms`, unless stopped before. Where this process itself was not let run meanwhile, what was
 * answered in time may still lie unread: it is read first.
 */
export const patience = (ms: number, giveUp: () => void): { stop(): void } => {
  let timer: NodeJS.Timeout
  const wait = (waitMs: number, left: number): void => {
    const due = performance.now() + waitMs
    timer = setTimeout(() => {
      if (left > 0 && performance.now() - due > LATE_MS) wait(MORE_MS, left - 1)
      else giveUp()
    }, waitMs)
  }
  wait(ms, TIMES)
  return { stop: () => clearTimeout(timer) }
}
