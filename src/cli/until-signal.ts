/**
 * Within this time a repeated signal is the same wish: npm, timeout and service managers pass on what the whole process group
 * got already, and a cockpit that died of the echo would leave its store unclosed.
 */
const ECHO_MS = 1_000

/**
 * Resolves with the signal that asks this process to end; a second one ends it at once. Release it only when all is stopped:
 * from then on a signal kills.
 */
export const untilSignal = (onHangup?: () => void): { ended: Promise<NodeJS.Signals>; release(): void } => {
  const { promise: ended, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let askedAtMs: number | null = null
  const end = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (askedAtMs !== null && nowMs - askedAtMs > ECHO_MS) process.exit(1)
    askedAtMs ??= nowMs
    resolve(signal)
  }
  const hangup = (): void => {
    if (onHangup === undefined) end('SIGHUP')
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
