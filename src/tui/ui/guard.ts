const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] as const
const FAULTS = ['uncaughtException', 'unhandledRejection'] as const

/** Whatever ends this process, it is told first, so that the terminal can be given back. Returns how to stop listening. */
export const guardProcess = (told: {
  leave(signal: NodeJS.Signals): void
  crash(error: unknown): void
}): (() => void) => {
  const leave = (signal: NodeJS.Signals): void => told.leave(signal)
  const crash = (error: unknown): void => told.crash(error)
  for (const signal of SIGNALS) process.on(signal, leave)
  for (const fault of FAULTS) process.on(fault as 'uncaughtException', crash)
  return () => {
    for (const signal of SIGNALS) process.off(signal, leave)
    for (const fault of FAULTS) process.off(fault, crash)
  }
}
