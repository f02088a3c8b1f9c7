/** Resolves with the signal that asks this process to end; a second one ends it at once. */
export const untilSignal = (onHangup?: () => void): { ended: Promise<NodeJS.Signals>; release(): void } => {
  const { promise: ended, resolve } = Promise.withResolvers<NodeJS.Signals>()
  let asked = false
  const end = (signal: NodeJS.Signals): void => {
    if (asked) process.exit(1)
    asked = true
    resolve(signal)
  }
  const hangup = (): void => (onHangup ? onHangup() : end('SIGHUP'))
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
