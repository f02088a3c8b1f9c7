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

/**
 * Gives the terminal back before a stop that somebody else asked for (`kill -TSTP`), and takes it anew when the process
 * goes on: the shell has set its modes since and written on it, also after a SIGSTOP that nobody hears. Returns how to
 * stop listening.
 */
export const guardStops = (lend: () => () => void): (() => void) => {
  let back: (() => void) | null = null
  const stop = (): void => {
    back ??= lend()
    process.kill(process.pid, 'SIGSTOP')
  }
  const goOn = (): void => {
    const again = back ?? lend()
    back = null
    again()
  }
  process.on('SIGTSTP', stop)
  process.on('SIGCONT', goOn)
  return () => {
    process.off('SIGTSTP', stop)
    process.off('SIGCONT', goOn)
  }
}
