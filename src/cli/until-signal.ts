import { isatty } from 'node:tty'

/**
 * Within this time a repeated signal is the same wish: npm, timeout and service managers pass on what the whole process group
 * got already, and a cockpit that died of the echo would leave its store unclosed.
 */
const ECHO_MS = 1_000

/** Closing a window hangs up its terminal first; whoever sends SIGHUP for a reload leaves it as it is. */
const terminalIsClosed = (): boolean => process.stdout.isTTY && !isatty(1)

/**
 * Resolves with the signal that asks this process to end; a second one ends it at once. A hang-up asks so too where nobody
 * has another use for it, and always when the terminal was closed. Release it only when all is stopped: from then on a
 * signal kills.
 */
export const untilSignal = (
  onHangup?: () => void,
  isClosed = terminalIsClosed,
): { ended: Promise<NodeJS.Signals>; release(): void } => {
  const { promise: ended, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let askedAtMs: number | null = null
  const end = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (askedAtMs !== null && nowMs - askedAtMs > ECHO_MS) process.exit(1)
    askedAtMs ??= nowMs
    resolve(signal)
  }
  const hangup = (): void => {
    if (onHangup === undefined || isClosed()) end('SIGHUP')
    else if (askedAtMs === null) onHangup()
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  process.on('SIGHUP', hangup)
  return {
    ended,
    release() {
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      process.off('SIGHUP', hangup)
    },
  }
}
